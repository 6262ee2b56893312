/* Files whose mapping is known: one that comes with the program, or one that was saved. */
#include "src/intake/recognise.h"

/* How well a mapping fits; compared member by member. */
struct fit {
    struct mapping *mapping;
    struct str json;
    size_t columns, fields;
};

static size_t bound_fields(const struct mapping *mapping)
{
    size_t count = 0;
    for (size_t i = 0; i < mapping->record_count; i++)
        for (size_t j = 0; j < RECORD_FIELD_COUNT; j++)
            count += template_column(&mapping->records[i].fields[j]).len > 0;
    return count;
}

/* A mapping without columns fits everything and so recognises nothing. */
static void try_mapping(const struct recognise_file *file, struct str json, struct arena *arena,
                        struct fit *best)
{
    struct mapping *mapping;
    if (mapping_parse(json, arena, &mapping, NULL) != OK || mapping->column_count == 0 ||
        mapping_bind(mapping, file->names, file->name_count, NULL) != OK)
        return;
    struct fit fit = {mapping, json, mapping->column_count, bound_fields(mapping)};
    bool is_better =
        fit.columns != best->columns ? fit.columns > best->columns : fit.fields > best->fields;
    if (is_better)
        *best = fit;
}

struct mapping *recognise_known(const struct recognise_file *file, const struct str *saved,
                                size_t saved_count, struct arena *arena, struct str *ret_json)
{
    struct fit best = {.mapping = NULL};
    for (size_t i = 0; i < saved_count; i++)
        try_mapping(file, saved[i], arena, &best);
    for (size_t i = 0; i < mapping_builtin_count(); i++)
        try_mapping(file, mapping_builtin(i), arena, &best);
    if (best.mapping && ret_json)
        *ret_json = best.json;
    return best.mapping;
}
