/* Countries by code and by name. */
#include "lib/norm/norm.h"

#include <string.h>

#include "lib/norm/country_table.h"

enum { COUNTRY_NAME_BYTES_MAX = 120 };

static struct country country_of(const char *code)
{
    struct country country;
    memcpy(country.code, code, sizeof(country.code));
    return country;
}

static const struct country_entry *find_code(struct str code)
{
    size_t low = 0, high = country_entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(str_from_c(country_entries[middle].code), code);
        if (order == 0)
            return &country_entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct country_entry *find_alpha3(struct str text)
{
    for (size_t i = 0; i < country_entry_count; i++)
        if (str_equal_nocase(str_from_c(country_entries[i].alpha3), text))
            return &country_entries[i];
    return NULL;
}

static const struct country_alias *find_alias(struct str folded)
{
    size_t low = 0, high = country_alias_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(str_from_c(country_aliases[middle].folded), folded);
        if (order == 0)
            return &country_aliases[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool parse_code(struct str text, struct country *ret_country)
{
    const struct country_entry *entry = NULL;
    if (text.len == 2) {
        char upper[2] = {text.ptr[0], text.ptr[1]};
        for (int i = 0; i < 2; i++)
            if (upper[i] >= 'a' && upper[i] <= 'z')
                upper[i] = (char)(upper[i] - 32);
        entry = find_code((struct str){upper, 2});
    } else if (text.len == 3) {
        entry = find_alpha3(text);
    }
    if (entry)
        *ret_country = country_of(entry->code);
    return entry != NULL;
}

bool country_parse(struct str text, struct country *ret_country)
{
    struct str trimmed = str_trim(text);
    if (parse_code(trimmed, ret_country))
        return true;
    if (trimmed.len < 2 || trimmed.len > COUNTRY_NAME_BYTES_MAX)
        return false;
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    const struct country_alias *alias = find_alias(text_fold(trimmed, &arena));
    arena_finish(&arena);
    if (alias)
        *ret_country = country_of(alias->code);
    return alias != NULL;
}

bool country_is_set(struct country country)
{
    return country.code[0] != '\0';
}

struct str country_str(const struct country *country)
{
    return str_from_c(country->code);
}

struct str country_name(struct country country)
{
    const struct country_entry *entry = find_code(str_from_c(country.code));
    return str_from_c(entry ? entry->name : NULL);
}

const char *country_code_at(size_t index)
{
    return index < country_entry_count ? country_entries[index].code : NULL;
}
