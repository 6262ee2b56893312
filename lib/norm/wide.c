/* Between our UTF-8 and the UTF-16 of ICU. */
#include "lib/norm/wide.h"

#include <assert.h>
#include <unicode/ustring.h>

/* Three bytes for each unit of a result still fit into ICU's 32-bit lengths. */
enum { WIDE_BYTES_MAX = 512 * 1024 * 1024, REPLACEMENT = 0xfffd };

bool wide_is_ascii(struct str text)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.len; i++)
        all |= (unsigned char)text.ptr[i];
    return all < 0x80;
}

struct wide wide_from_str(struct str text, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    struct str bounded = str_slice(text, 0, WIDE_BYTES_MAX);
    struct wide wide = {ARENA_ARRAY(arena, UChar, bounded.len + 1), 0};
    u_strFromUTF8WithSub(wide.ptr, (int32_t)bounded.len + 1, &wide.len,
                         bounded.len ? bounded.ptr : "", (int32_t)bounded.len, REPLACEMENT, NULL,
                         &status);
    assert(U_SUCCESS(status));
    return wide;
}

struct str wide_to_str(struct wide wide, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;
    size_t cap = (size_t)wide.len * 3 + 1;
    char *text = arena_alloc(arena, cap);
    u_strToUTF8WithSub(text, (int32_t)cap, &len, wide.ptr, wide.len, REPLACEMENT, NULL, &status);
    assert(U_SUCCESS(status));
    return (struct str){text, (size_t)len};
}

struct wide wide_normalize(const UNormalizer2 *normalizer, struct wide wide, struct arena *arena)
{
    UErrorCode status = U_ZERO_ERROR;
    if (unorm2_isNormalized(normalizer, wide.ptr, wide.len, &status) || U_FAILURE(status))
        return wide;
    int32_t cap = unorm2_normalize(normalizer, wide.ptr, wide.len, NULL, 0, &status);
    status = U_ZERO_ERROR;
    struct wide result = {ARENA_ARRAY(arena, UChar, (size_t)cap + 1), 0};
    result.len = unorm2_normalize(normalizer, wide.ptr, wide.len, result.ptr, cap + 1, &status);
    return U_SUCCESS(status) ? result : wide;
}
