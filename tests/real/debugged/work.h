int library_inner(int value);
int library_outer(int value);
int library_crash(int *nowhere);
unsigned library_spin(unsigned rounds);
