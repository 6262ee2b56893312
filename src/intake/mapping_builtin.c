/* The mappings that come with the program: the files of src/intake/mappings, by the Makefile. */
#include "src/intake/mapping.h"

static const struct str builtin[] = {
#include "src/intake/mappings.inc"
};

size_t mapping_builtin_count(void)
{
    return ARRAY_LEN(builtin);
}

struct str mapping_builtin(size_t index)
{
    return builtin[index];
}
