/* What asks for libraries. NEEDS: by DT_NEEDED; else by dlopen. BELOW: a library does it for the program. LIBRARY: that
   library. The tests overwrite run paths and names in what is linked from this. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

const char *who(void);
void answer(int count, char **names);

#if defined(LIBRARY) || !defined(BELOW)
#ifdef NEEDS
void answer(int count, char **names)
{
	(void)count, (void)names;
	puts(who());
}
#else
void answer(int count, char **names)
{
	for (int n = 1; n < count; ++n) {
		void *handle = dlopen(names[n], RTLD_NOW);
		const char *(*found)(void) = handle ? (const char *(*)(void))dlsym(handle, "who") : NULL;
		Dl_info info = {0};
		if (found) dladdr((void *)found, &info);
		printf("%s: %s %s\n", names[n], found ? found() : "nothing", found ? info.dli_fname : "");
	}
}
#endif
#endif

#ifndef LIBRARY
int main(int argc, char **argv)
{
	answer(argc, argv);
	return 0;
}
#endif
