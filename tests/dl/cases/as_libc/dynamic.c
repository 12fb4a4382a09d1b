// Which addresses in every object's dynamic section are absolute, where they can be told from others.

#include "opens.h"

static const struct {
  long tag;
  const char* name;
} tags[] = {{DT_HASH, "DT_HASH"},
            {DT_GNU_HASH, "DT_GNU_HASH"},
            {DT_STRTAB, "DT_STRTAB"},
            {DT_SYMTAB, "DT_SYMTAB"},
            {DT_PLTGOT, "DT_PLTGOT"},
            {DT_JMPREL, "DT_JMPREL"},
            {DT_RELA, "DT_RELA"},
            {DT_VERSYM, "DT_VERSYM"},
            {36, "DT_RELR"},
            {DT_VERNEED, "DT_VERNEED"},
            {DT_VERDEF, "DT_VERDEF"},
            {DT_INIT, "DT_INIT"},
            {DT_INIT_ARRAY, "DT_INIT_ARRAY"},
            {DT_FINI, "DT_FINI"}};

static void describe(const struct link_map* l) {
  const char* slash = strrchr(l->l_name, '/');
  say_text("object", l->l_prev == 0 ? "the program" : slash ? slash + 1 : l->l_name);
  for (const ElfW(Dyn)* entry = l->l_ld; entry->d_tag != DT_NULL; ++entry) {
    for (unsigned i = 0; i < sizeof tags / sizeof *tags; ++i) {
      if (tags[i].tag == entry->d_tag) say_number(tags[i].name, entry->d_un.d_ptr >= l->l_addr);
    }
  }
}

int main(void) {
  struct link_map* map = 0;
  opened("libone.so", RTLD_LAZY);
  opened("libsigned.so", RTLD_NOW);
  dlinfo(dlopen(0, RTLD_NOW), RTLD_DI_LINKMAP, &map);
  for (; map; map = map->l_next) {
    int is_vdso_of_musl = map->l_prev && !*map->l_name;
    if (!is_vdso_of_musl && !strstr(map->l_name, "ld-")) describe(map);
  }
  return 0;
}
