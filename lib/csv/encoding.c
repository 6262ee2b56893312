/* UTF-8, UTF-16 and Windows-1252: which it is, and as UTF-8. */
#include "lib/csv/encoding.h"

#include <string.h>

enum { BAD_BYTE = 0xff };

static const unsigned char *bytes_of(struct str text)
{
    return (const unsigned char *)text.ptr;
}

/* ---- guessing ---- */

/* Length of the well-formed sequence at the start, 0: none. */
static size_t sequence_at(struct str text, size_t at)
{
    unsigned char first = (unsigned char)text.ptr[at];
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    struct str sequence = str_slice(text, at, at + len);
    return sequence.len == len && str_is_utf8(sequence) ? len : 0;
}

/* A few bad bytes among many good sequences are damage, which the rows will tell. */
enum csv_encoding encoding_of_bytes(struct str bytes)
{
    size_t good = 0, bad = 0;
    for (size_t at = 0; at < bytes.len;) {
        size_t len = (unsigned char)bytes.ptr[at] < 0x80 ? 1 : sequence_at(bytes, at);
        good += len > 1;
        /* The last character may be cut. */
        bad += len == 0 && at + 4 <= bytes.len;
        at += len ? len : 1;
    }
    return bad * 10 > good ? CSV_WINDOWS_1252 : CSV_UTF8;
}

static bool is_ascii(struct str bytes)
{
    unsigned char all = 0;
    for (size_t i = 0; i < bytes.len; i++)
        all |= (unsigned char)bytes.ptr[i];
    return all < 0x80;
}

/* Western text in UTF-16 is full of zeros, all of them in the same half of the units. */
static bool guess_from_zeros(struct str sample, struct encoding_guess *guess)
{
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < sample.len; i++)
        zeros[i % 2] += sample.ptr[i] == '\0';
    if (zeros[0] + zeros[1] == 0)
        return false;
    if (zeros[1] > sample.len / 4 && zeros[0] == 0)
        guess->encoding = CSV_UTF16_LE;
    else if (zeros[0] > sample.len / 4 && zeros[1] == 0)
        guess->encoding = CSV_UTF16_BE;
    else
        guess->has_nul = true;
    return true;
}

struct encoding_guess encoding_guess(struct str sample)
{
    struct encoding_guess guess = {.encoding = CSV_UTF8};
    if (str_starts_with(sample, STR("\xef\xbb\xbf"))) {
        guess.mark_bytes = 3;
        guess.has_nul = sample.len && memchr(sample.ptr, '\0', sample.len) != NULL;
    } else if (str_starts_with(sample, STR("\xff\xfe"))) {
        guess.encoding = CSV_UTF16_LE;
        guess.mark_bytes = 2;
    } else if (str_starts_with(sample, STR("\xfe\xff"))) {
        guess.encoding = CSV_UTF16_BE;
        guess.mark_bytes = 2;
    } else if (!guess_from_zeros(sample, &guess)) {
        guess.is_ascii = is_ascii(sample);
        guess.encoding = encoding_of_bytes(sample);
    }
    return guess;
}

/* ---- decoding ---- */

/* Surrogates that stand alone too: three bytes that are no UTF-8. */
static size_t put(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[len] | c);
    return len;
}

/* 0x80 to 0x9f, as browsers read them; the rest of Windows-1252 is Latin-1. */
static unsigned from_1252(unsigned char byte)
{
    static const unsigned short high[32] = {
        0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
    };
    return byte >= 0x80 && byte < 0xa0 ? high[byte - 0x80] : byte;
}

static size_t decode_1252(struct str bytes, char *out, size_t *ret_len)
{
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i++)
        len += put(out + len, from_1252(bytes_of(bytes)[i]));
    *ret_len = len;
    return bytes.len;
}

static unsigned unit_at(struct str bytes, size_t at, bool is_little)
{
    unsigned a = bytes_of(bytes)[at], b = bytes_of(bytes)[at + 1];
    return is_little ? a | b << 8 : a << 8 | b;
}

static size_t decode_utf16(struct str bytes, bool is_little, bool is_last, char *out,
                           size_t *ret_len)
{
    size_t at = 0, len = 0;
    while (at + 2 <= bytes.len) {
        unsigned c = unit_at(bytes, at, is_little);
        bool is_high = c >= 0xd800 && c < 0xdc00;
        if (is_high && at + 4 > bytes.len && !is_last)
            break;
        unsigned low = is_high && at + 4 <= bytes.len ? unit_at(bytes, at + 2, is_little) : 0;
        bool is_pair = low >= 0xdc00 && low < 0xe000;
        if (is_pair)
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        len += put(out + len, c);
        at += is_pair ? 4 : 2;
    }
    if (is_last && at < bytes.len) {
        out[len++] = (char)BAD_BYTE;
        at = bytes.len;
    }
    *ret_len = len;
    return at;
}

size_t encoding_decode(enum csv_encoding encoding, struct str bytes, bool is_last, char *out,
                       size_t *ret_len)
{
    switch (encoding) {
    case CSV_UTF16_LE:
    case CSV_UTF16_BE:
        return decode_utf16(bytes, encoding == CSV_UTF16_LE, is_last, out, ret_len);
    case CSV_WINDOWS_1252:
        return decode_1252(bytes, out, ret_len);
    case CSV_UTF8:
        break;
    }
    if (bytes.len)
        memcpy(out, bytes.ptr, bytes.len);
    *ret_len = bytes.len;
    return bytes.len;
}

size_t encoding_source_bytes(enum csv_encoding encoding, struct str text)
{
    size_t characters = 0, pairs = 0;
    if (encoding == CSV_UTF8)
        return text.len;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        characters += (byte & 0xc0) != 0x80;
        pairs += byte >= 0xf0 && byte != BAD_BYTE;
    }
    return encoding == CSV_WINDOWS_1252 ? characters : 2 * (characters + pairs);
}

const char *csv_encoding_name(enum csv_encoding encoding)
{
    switch (encoding) {
    case CSV_UTF8:
        return "UTF-8";
    case CSV_UTF16_LE:
        return "UTF-16 LE";
    case CSV_UTF16_BE:
        return "UTF-16 BE";
    case CSV_WINDOWS_1252:
        return "Windows-1252";
    }
    return "";
}
