/* The key by which two spellings of one company's name are found. */
#include "lib/norm/norm.h"

#include <string.h>

#include "lib/base/compiler.h"

/* FORM_WORDS_MAX: "S.A. de C.V." */
enum { WORDS_MAX = 64, FORM_WORDS_MAX = 5, FORM_BYTES_MAX = 16 };

/* As they stand at the end of a name, folded, without dots and blanks. */
static bool is_legal_form(struct str word)
{
    static const char *const forms[] = {
        "ab",   "ag",   "aps",     "as",          "asa",          "bhd",  "bv",   "bvba",
        "cia",  "co",   "company", "corp",        "cv",           "cvba", "dd",   "doo",
        "eg",   "eirl", "ek",      "eood",        "ev",           "fze",  "gbr",  "gesmbh",
        "gmbh", "inc",  "kft",     "kg",          "kgaa",         "kk",   "lda",  "limitada",
        "llc",  "llp",  "limited", "limitee",     "lp",           "ltd",  "ltda", "ltee",
        "mbh",  "nv",   "nyrt",    "oao",         "og",           "ohg",  "ooo",  "ou",
        "oy",   "oyj",  "plc",     "pllc",        "pte",          "pty",  "pvt",  "private",
        "sa",   "sab",  "sadecv",  "sarl",        "sas",          "sasu", "scs",  "sdn",
        "se",   "sia",  "sl",      "slu",         "snc",          "spa",  "spj",  "spzoo",
        "srl",  "srls", "sro",     "sti",         "tbk",          "uab",  "ug",   "ulc",
        "vof",  "zao",  "zrt",     "corporation", "incorporated",
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (str_equal(word, str_from_c(forms[i])))
            return true;
    return false;
}

/* "&" is a blank by now. */
static bool is_and(struct str word)
{
    return str_equal(word, STR("and")) || str_equal(word, STR("und")) || str_equal(word, STR("et"));
}

struct words {
    struct str words[WORDS_MAX];
    size_t count;
};

/* Without "and"; what is over WORDS_MAX stays one piece at the end. */
static void split(struct str folded, struct words *ret_words)
{
    struct str rest = folded, word;
    ret_words->count = 0;
    while (ret_words->count < WORDS_MAX - 1 && str_split(&rest, ' ', &word))
        if (!is_and(word))
            ret_words->words[ret_words->count++] = word;
    if (rest.ptr)
        ret_words->words[ret_words->count++] = rest;
}

/* Whether the last `count` words are one legal form: "gmbh", "s a", "sp z o o". */
static bool ends_with_form(const struct words *words, size_t count)
{
    char joined[FORM_BYTES_MAX];
    size_t len = 0;
    if (count > words->count)
        return false;
    for (size_t i = words->count - count; i < words->count; i++) {
        struct str word = words->words[i];
        bool is_abbreviated = count == 1 || word.len <= 2;
        if (!is_abbreviated || len + word.len > sizeof(joined))
            return false;
        memcpy(joined + len, word.ptr, word.len);
        len += word.len;
    }
    return is_legal_form((struct str){joined, len});
}

static void drop_legal_forms(struct words *words)
{
    for (size_t count = FORM_WORDS_MAX; count > 0;) {
        if (ends_with_form(words, count)) {
            words->count -= count;
            count = FORM_WORDS_MAX;
        } else {
            count--;
        }
    }
}

/* Joined, and with "ae", "oe", "ue" as the one letter that "Müller" has and "Mueller" has not. */
static struct str join(const struct words *words, size_t max_bytes, struct arena *arena)
{
    char *out = arena_alloc(arena, max_bytes + 1);
    size_t len = 0;
    for (size_t i = 0; i < words->count; i++) {
        for (size_t j = 0; j < words->words[i].len; j++) {
            char c = words->words[i].ptr[j];
            bool is_umlaut = c == 'e' && j > 0 && strchr("aou", words->words[i].ptr[j - 1]);
            if (!is_umlaut && c != ' ')
                out[len++] = c;
        }
    }
    return (struct str){out, len};
}

struct str company_key(struct str name, struct arena *arena)
{
    struct words words;
    struct str folded = text_fold(name, arena);
    if (str_is_empty(folded))
        return text_clean(name, arena);
    split(folded, &words);
    drop_legal_forms(&words);
    struct str key = join(&words, folded.len, arena);
    return str_is_empty(key) ? folded : key;
}
