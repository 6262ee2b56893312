/* Languages as BCP 47 tags. */
#include "lib/norm/norm.h"

#include <string.h>
#include <unicode/uloc.h>

enum { TAG_BYTES_MAX = 35 };

/* ICU writes what it takes as another language's name; the tag keeps language, script, region. */
static bool is_language(const char *language)
{
    const char *const *known = uloc_getISOLanguages();
    for (; *known; known++)
        if (strcmp(*known, language) == 0)
            return true;
    return false;
}

/* Salesforce and POSIX write "pt_BR". */
static void with_hyphens(struct str text, char ret_tag[TAG_BYTES_MAX + 1])
{
    for (size_t i = 0; i < text.len; i++)
        ret_tag[i] = text.ptr[i] == '_' ? '-' : text.ptr[i];
    ret_tag[text.len] = '\0';
}

static bool part(int32_t (*get)(const char *, char *, int32_t, UErrorCode *), const char *locale,
                 char ret_part[ULOC_LANG_CAPACITY])
{
    UErrorCode status = U_ZERO_ERROR;
    get(locale, ret_part, ULOC_LANG_CAPACITY, &status);
    return U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING;
}

bool language_parse(struct str text, struct arena *arena, struct str *ret_language)
{
    struct str trimmed = str_trim(text);
    char tag[TAG_BYTES_MAX + 1], locale[ULOC_FULLNAME_CAPACITY];
    char language[ULOC_LANG_CAPACITY], script[ULOC_LANG_CAPACITY], region[ULOC_LANG_CAPACITY];
    UErrorCode status = U_ZERO_ERROR;
    int32_t parsed_len = 0;
    if (trimmed.len < 2 || trimmed.len > TAG_BYTES_MAX)
        return false;
    with_hyphens(trimmed, tag);
    uloc_forLanguageTag(tag, locale, sizeof(locale), &parsed_len, &status);
    if (U_FAILURE(status) || (size_t)parsed_len != trimmed.len)
        return false;
    if (!part(uloc_getLanguage, locale, language) || !part(uloc_getScript, locale, script) ||
        !part(uloc_getCountry, locale, region) || !is_language(language))
        return false;
    *ret_language = arena_format(arena, "%s%s%s%s%s", language, *script ? "-" : "", script,
                                 *region ? "-" : "", region);
    return true;
}
