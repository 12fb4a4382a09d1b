// An open of a damaged copy of a library fails without a trace. DAMAGE is how it is damaged: the
// divisor, the place and the byte that copy_damaged() takes.

#include "unchanged.h"

static long length_of(FILE* file) {
  fseek(file, 0, SEEK_END);
  return ftell(file);
}

// A copy of a library in `path`, cut to one part in `divisor`, with `byte` at `place` if that is
// not negative.
static void copy_damaged(const char* source, const char* path, int divisor, long place, int byte) {
  FILE *in = fopen(source, "rb"), *out = fopen(path, "wb");
  long length = length_of(in);
  char* bytes = malloc(length);
  rewind(in);
  if (fread(bytes, 1, length, in) != (size_t)length) give_up("cannot read", source);
  if (place >= 0) bytes[place] = (char)byte;
  fwrite(bytes, 1, length / divisor, out);
  fclose(in);
  fclose(out);
  free(bytes);
}

int main(int argc, char** argv) {
  char folder[] = "/tmp/damaged-XXXXXX", path[100], source[4096];
  if (!mkdtemp(folder)) give_up("cannot make", folder);
  snprintf(path, sizeof path, "%s/libdamaged.so", folder);
  snprintf(source, sizeof source, "%s/libwhole.so", argv[1]);
  copy_damaged(source, path, DAMAGE);
  fails_without_a_trace(path, RTLD_NOW);
  claim("no descriptor is left open", same_descriptors());
  unlink(path);
  rmdir(folder);
  return 0;
}
