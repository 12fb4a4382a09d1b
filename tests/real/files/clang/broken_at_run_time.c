int f(int *p);
int f(int *p) { if (!p) return *p; return 0; }
