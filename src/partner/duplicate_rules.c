/* When two partners look like one. */
#include "src/partner/duplicate_rules.h"

#include <string.h>

#include "src/core/limits.h"

/* ---- characters ---- */

enum { CHARACTERS_MAX = LIMIT_NAME_BYTES };

struct characters {
    uint32_t at[CHARACTERS_MAX];
    int count;
};

static bool starts_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Each character as its bytes in one number: equal numbers are equal characters. */
static void read_characters(struct str text, struct characters *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (starts_character(text.ptr[i]) && ret->count == CHARACTERS_MAX)
            return;
        if (starts_character(text.ptr[i]) || ret->count == 0)
            ret->at[ret->count++] = 0;
        uint32_t *character = &ret->at[ret->count - 1];
        *character = *character << 8 | (unsigned char)text.ptr[i];
    }
}

static int count_characters(struct str text)
{
    int count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += starts_character(text.ptr[i]);
    return count;
}

struct str text_reversed(struct str text, struct arena *arena)
{
    char *reversed = arena_alloc(arena, text.len + 1);
    size_t end = text.len, to = 0;
    for (size_t i = text.len; i-- > 0;) {
        if (!starts_character(text.ptr[i]) && i > 0)
            continue;
        memcpy(reversed + to, text.ptr + i, end - i);
        to += end - i;
        end = i;
    }
    return (struct str){reversed, to};
}

struct str key_half(struct str key)
{
    int half = count_characters(key) / 2, count = 0;
    size_t at = 0;
    while (at < key.len && (count < half || !starts_character(key.ptr[at])))
        count += starts_character(key.ptr[at++]);
    return str_slice(key, 0, at);
}

/* ---- distance ---- */

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Rows of the table of distances between prefixes: the last two and the one being made. */
struct distances {
    int before[CHARACTERS_MAX + 1];
    int last[CHARACTERS_MAX + 1];
    int now[CHARACTERS_MAX + 1];
};

static int cell(const struct distances *row, const struct characters *a, const struct characters *b,
                int i, int j)
{
    int differs = a->at[i - 1] != b->at[j - 1];
    int best = least(row->last[j - 1] + differs, least(row->last[j], row->now[j - 1]) + 1);
    if (i > 1 && j > 1 && a->at[i - 1] == b->at[j - 2] && a->at[i - 2] == b->at[j - 1])
        best = least(best, row->before[j - 2] + 1);
    return best;
}

/* One row; its smallest value, which no later row goes below. */
static int next_row(struct distances *row, const struct characters *a, const struct characters *b,
                    int i)
{
    int smallest = row->now[0] = i;
    for (int j = 1; j <= b->count; j++) {
        row->now[j] = cell(row, a, b, i, j);
        smallest = least(smallest, row->now[j]);
    }
    memcpy(row->before, row->last, sizeof(row->last));
    memcpy(row->last, row->now, sizeof(row->now));
    return smallest;
}

int edit_distance(struct str a, struct str b, int max)
{
    struct characters from, to;
    struct distances row;
    read_characters(a, &from);
    read_characters(b, &to);
    memset(&row, 0, sizeof(row));
    for (int j = 0; j <= to.count; j++)
        row.last[j] = j;
    int previous = 0;
    for (int i = 1; i <= from.count; i++) {
        int smallest = next_row(&row, &from, &to, i);
        /* A swap reaches back two rows. */
        if (smallest > max && previous > max)
            return max + 1;
        previous = smallest;
    }
    return least(row.last[to.count], max + 1);
}

/* ---- names ---- */

/* One slip in a name, two in a long one, three in a very long one; none in a short one, where every
 * letter counts. */
static int slips_allowed(int characters)
{
    return characters < 6 ? 0 : characters < 16 ? 1 : characters < 24 ? 2 : 3;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The next digit from `*at` on, or 0 at the end. */
static char next_digit(struct str text, size_t *at)
{
    while (*at < text.len && !is_digit(text.ptr[*at]))
        ++*at;
    return *at < text.len ? text.ptr[(*at)++] : '\0';
}

static bool same_digits(struct str a, struct str b)
{
    size_t a_at = 0, b_at = 0;
    char digit;
    do {
        digit = next_digit(a, &a_at);
        if (digit != next_digit(b, &b_at))
            return false;
    } while (digit);
    return true;
}

bool company_keys_close(struct str a, struct str b)
{
    int a_count = count_characters(a), b_count = count_characters(b);
    int max = slips_allowed(least(a_count, b_count));
    /* People rarely mistake the first letter: "North…" and "South…" are two. */
    if (max > 1 && a.ptr[0] != b.ptr[0])
        max = 1;
    int apart = a_count > b_count ? a_count - b_count : b_count - a_count;
    if (max == 0 || apart > max || str_equal(a, b) || !same_digits(a, b))
        return false;
    return edit_distance(a, b, max) <= max;
}

/* ---- partners ---- */

static bool has_phone(const struct duplicate_features *partner, struct str phone)
{
    return phone.len && (str_equal(partner->phone, phone) || str_equal(partner->phone2, phone));
}

unsigned duplicate_reasons(const struct duplicate_features *a, const struct duplicate_features *b)
{
    unsigned reasons = 0;
    if (partner_id_equal(a->parent, b->id) || partner_id_equal(b->parent, a->id))
        return 0;
    if (a->domain.len && str_equal(a->domain, b->domain) && !domain_is_public_mail(a->domain))
        reasons |= DUPLICATE_DOMAIN;
    if (has_phone(b, a->phone) || has_phone(b, a->phone2))
        reasons |= DUPLICATE_PHONE;
    if (str_equal(a->company_key, b->company_key))
        reasons |= DUPLICATE_NAME;
    else if (company_keys_close(a->company_key, b->company_key))
        reasons |= DUPLICATE_SPELLING;
    return reasons;
}

int64_t duplicate_rank(unsigned reasons)
{
    static const struct {
        enum duplicate_reason reason;
        int weight;
    } weights[] = {
        {DUPLICATE_EXTERNAL_ID, 50}, {DUPLICATE_NAME, 45},     {DUPLICATE_DOMAIN, 40},
        {DUPLICATE_PHONE, 35},       {DUPLICATE_SPELLING, 25},
    };
    int64_t rank = 200;
    for (size_t i = 0; i < ARRAY_LEN(weights); i++)
        rank -= reasons & (unsigned)weights[i].reason ? weights[i].weight : 0;
    return rank;
}
