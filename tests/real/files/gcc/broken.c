int main(void) { int unused; retrun 0; }
