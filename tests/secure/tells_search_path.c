/* What dlinfo(3) says of the search for the program's libraries, and of its library's if it has one. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

static void tell(void *handle)
{
	Dl_serinfo size;
	if (dlinfo(handle, RTLD_DI_SERINFOSIZE, &size) != 0) exit(1);
	Dl_serinfo *all = malloc(size.dls_size);
	dlinfo(handle, RTLD_DI_SERINFOSIZE, all);
	if (dlinfo(handle, RTLD_DI_SERINFO, all) != 0) exit(2);
	for (unsigned n = 0; n < all->dls_cnt; ++n) printf("directory: %s\n", all->dls_serpath[n].dls_name);
	free(all);
}

/* Not for the program: there glibc does not always know it, and reads behind NULL. */
static void tell_origin(void *handle)
{
	char origin[4096];
	if (dlinfo(handle, RTLD_DI_ORIGIN, origin) == 0) printf("origin: %s\n", origin);
}

int main(int argc, char **argv)
{
	tell(dlopen(NULL, RTLD_NOW));
	for (int n = 1; n < argc; ++n) {
		void *handle = dlopen(argv[n], RTLD_NOW);
		tell(handle);
		tell_origin(handle);
	}
	return 0;
}
