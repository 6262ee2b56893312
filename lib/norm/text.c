/* One-line texts as they are stored, and folded as they are searched. */
#include "lib/norm/norm.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "lib/base/compiler.h"
#include "lib/norm/wide.h"

static const UNormalizer2 *nfc(void)
{
    UErrorCode status = U_ZERO_ERROR;
    return unorm2_getNFCInstance(&status);
}

static const UNormalizer2 *nfkd(void)
{
    UErrorCode status = U_ZERO_ERROR;
    return unorm2_getNFKDInstance(&status);
}

/* ICU's macros for these two do not compile under -Wconversion. */
static UChar32 next(struct wide wide, int32_t *at)
{
    UChar lead = wide.ptr[(*at)++];
    if (!U16_IS_LEAD(lead) || *at == wide.len || !U16_IS_TRAIL(wide.ptr[*at]))
        return lead;
    return U16_GET_SUPPLEMENTARY(lead, wide.ptr[(*at)++]);
}

static void append(UChar *out, int32_t *len, UChar32 c)
{
    if (U_IS_BMP(c)) {
        out[(*len)++] = (UChar)c;
    } else {
        out[(*len)++] = U16_LEAD(c);
        out[(*len)++] = U16_TRAIL(c);
    }
}

/* ---- text_clean ---- */

static bool is_ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_ascii_clean(struct str text)
{
    char before = ' ';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c < ' ' || c > '~' || (c == ' ' && before == ' '))
            return false;
        before = c;
    }
    return text.len == 0 || before != ' ';
}

static struct str clean_ascii(struct str text, struct arena *arena)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_ascii_space(c))
            c = ' ';
        bool is_dropped = c < ' ' || c > '~' || (c == ' ' && (len == 0 || out[len - 1] == ' '));
        if (!is_dropped)
            out[len++] = c;
    }
    if (len > 0 && out[len - 1] == ' ')
        len--;
    return (struct str){out, len};
}

/* Controls, and what changes the direction of the text around it or cannot be seen; joiners stay,
 * Persian and emoji need them. */
static bool is_invisible(UChar32 c)
{
    return u_charType(c) == U_CONTROL_CHAR || c == 0xfeff || c == 0x200b || c == 0x200e ||
           c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x2069);
}

static struct wide clean_wide(struct wide wide)
{
    int32_t len = 0;
    for (int32_t at = 0; at < wide.len;) {
        UChar32 c = next(wide, &at);
        if (u_isUWhiteSpace(c))
            c = ' ';
        bool is_dropped = is_invisible(c) || (c == ' ' && (len == 0 || wide.ptr[len - 1] == ' '));
        if (!is_dropped)
            append(wide.ptr, &len, c);
    }
    if (len > 0 && wide.ptr[len - 1] == ' ')
        len--;
    return (struct wide){wide.ptr, len};
}

struct str text_clean(struct str text, struct arena *arena)
{
    if (is_ascii_clean(text))
        return arena_str(arena, text);
    if (wide_is_ascii(text))
        return clean_ascii(text, arena);
    struct wide cleaned = clean_wide(wide_from_str(text, arena));
    return wide_to_str(wide_normalize(nfc(), cleaned, arena), arena);
}

/* ---- text_fold ---- */

static struct str fold_ascii(struct str text, struct arena *arena)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_word)
            out[len++] = c;
        else if (len > 0 && out[len - 1] != ' ')
            out[len++] = ' ';
    }
    if (len > 0 && out[len - 1] == ' ')
        len--;
    return (struct str){out, len};
}

/* Letters that Unicode does not take apart though people type them without their stroke. */
static const char *plain_letters(UChar32 c)
{
    static const struct {
        UChar32 letter;
        const char *plain;
    } letters[] = {
        {0x00e6, "ae"}, {0x00f0, "d"}, {0x00f8, "o"}, {0x00fe, "th"}, {0x0111, "d"},
        {0x0127, "h"},  {0x0131, "i"}, {0x0142, "l"}, {0x0153, "oe"}, {0x0167, "t"},
    };
    for (size_t i = 0; i < ARRAY_LEN(letters); i++)
        if (letters[i].letter == c)
            return letters[i].plain;
    return NULL;
}

static bool is_mark(UChar32 c)
{
    return (U_GET_GC_MASK(c) & (U_GC_MN_MASK | U_GC_ME_MASK)) != 0;
}

static bool is_word(UChar32 c)
{
    return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_MC_MASK)) != 0;
}

static struct wide fold_case(struct wide wide, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    /* A letter folds to three units at most. */
    int32_t cap = wide.len * 3 + 1;
    struct wide folded = {ARENA_ARRAY(arena, UChar, (size_t)cap), 0};
    folded.len = u_strFoldCase(folded.ptr, cap, wide.ptr, wide.len, U_FOLD_CASE_DEFAULT, &status);
    return U_SUCCESS(status) ? folded : wide;
}

/* Marks out, strokes off, everything that is no word as one blank. `out` holds two units for each
 * of `wide`. */
static int32_t strip(struct wide wide, UChar *out)
{
    int32_t len = 0;
    for (int32_t at = 0; at < wide.len;) {
        UChar32 c = next(wide, &at);
        if (is_mark(c))
            continue;
        const char *plain = plain_letters(c);
        for (; plain && *plain; plain++)
            out[len++] = (UChar)*plain;
        if (!plain && is_word(c))
            append(out, &len, c);
        else if (!plain && len > 0 && out[len - 1] != ' ')
            out[len++] = ' ';
    }
    return len > 0 && out[len - 1] == ' ' ? len - 1 : len;
}

struct str text_fold(struct str text, struct arena *arena)
{
    if (wide_is_ascii(text))
        return fold_ascii(text, arena);
    struct wide apart = wide_normalize(nfkd(), wide_from_str(text, arena), arena);
    struct wide folded = fold_case(apart, arena);
    struct wide stripped = {ARENA_ARRAY(arena, UChar, (size_t)folded.len * 2 + 1), 0};
    stripped.len = strip(folded, stripped.ptr);
    return wide_to_str(stripped, arena);
}
