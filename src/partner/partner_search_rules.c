/* How a search reads its words, and from where it starts to look. */
#include "src/partner/partner_search_rules.h"

#include <stdlib.h>
#include <string.h>

#include "lib/norm/norm.h"
#include "src/core/limits.h"

enum { FIRST_WORDS = 16 };

/* Sorts after every other character (U+10FFFF), and is text for every database. */
static const char last_character[] = "\xf4\x8f\xbf\xbf";

void search_words_init(struct search_words *words, struct arena *arena)
{
    *words = (struct search_words){.arena = arena};
}

static void grow(struct search_words *words)
{
    size_t cap = words->cap ? words->cap * 2 : FIRST_WORDS;
    struct str *more = ARENA_ARRAY(words->arena, struct str, cap);
    if (words->count)
        memcpy(more, words->words, words->count * sizeof(*more));
    words->words = more;
    words->cap = cap;
}

void search_words_keep(struct search_words *words, struct str word)
{
    if (words->count == words->cap)
        grow(words);
    words->words[words->count++] = word;
}

/* Cut between characters. */
static struct str cut(struct str word)
{
    size_t len = word.len < LIMIT_WORD_BYTES ? word.len : LIMIT_WORD_BYTES;
    while (len < word.len && len > 0 && ((unsigned char)word.ptr[len] & 0xc0) == 0x80)
        len--;
    return str_slice(word, 0, len);
}

static void add_word(struct search_words *words, struct str word)
{
    word = cut(word);
    if (!word.len)
        return;
    for (size_t i = 0; i < words->count; i++)
        if (str_equal(words->words[i], word))
            return;
    search_words_keep(words, word);
}

/* Each word of folded text. */
static void add_pieces(struct search_words *words, struct str folded)
{
    struct str rest = folded, piece;
    while (rest.len && str_split(&rest, ' ', &piece))
        add_word(words, piece);
}

/* Folded text as one word. */
static void add_joined(struct search_words *words, struct str folded)
{
    char *joined = arena_alloc(words->arena, folded.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < folded.len; i++)
        if (folded.ptr[i] != ' ')
            joined[len++] = folded.ptr[i];
    add_word(words, (struct str){joined, len});
}

/* Whether the piece has a point or an at sign with something on both sides. */
static bool is_dotted(struct str piece)
{
    for (size_t i = 1; i + 1 < piece.len; i++)
        if (piece.ptr[i] == '.' || piece.ptr[i] == '@')
            return true;
    return false;
}

/* Takes the next piece between white space off the text. */
static bool next_piece(struct str *rest, struct str *ret_piece)
{
    static const char space[] = " \t\r\n\v\f";
    size_t from = 0;
    while (from < rest->len && memchr(space, rest->ptr[from], sizeof(space) - 1))
        from++;
    size_t to = from;
    while (to < rest->len && !memchr(space, rest->ptr[to], sizeof(space) - 1))
        to++;
    *ret_piece = str_slice(*rest, from, to);
    *rest = str_slice(*rest, to, rest->len);
    return ret_piece->len > 0;
}

void search_words_add_text(struct search_words *words, struct str text)
{
    struct str rest = text, piece;
    while (next_piece(&rest, &piece)) {
        struct str folded = text_fold(piece, words->arena);
        add_pieces(words, folded);
        if (is_dotted(piece))
            add_joined(words, folded);
    }
}

void search_words_add_host(struct search_words *words, struct str host)
{
    size_t at;
    while (str_find_char(host, '.', &at)) {
        add_joined(words, text_fold(host, words->arena));
        host = str_slice(host, at + 1, host.len);
    }
}

void search_words_add_mail(struct search_words *words, struct str mail)
{
    size_t at;
    if (!str_find_char(mail, '@', &at))
        return;
    add_joined(words, text_fold(mail, words->arena));
    add_pieces(words, text_fold(str_slice(mail, 0, at), words->arena));
    search_words_add_host(words, str_slice(mail, at + 1, mail.len));
}

void search_words_add_query(struct search_words *words, struct str text)
{
    struct str rest = text, piece, domain;
    while (next_piece(&rest, &piece)) {
        if (str_find(piece, STR("://"), NULL) && domain_parse(piece, words->arena, &domain))
            piece = domain;
        struct str folded = text_fold(piece, words->arena);
        if (is_dotted(piece))
            add_joined(words, folded);
        else
            add_pieces(words, folded);
    }
}

static int compare_words(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

void search_words_sort(struct search_words *words)
{
    if (words->count)
        qsort(words->words, words->count, sizeof(*words->words), compare_words);
}

struct str search_word_end(struct str word, struct arena *arena)
{
    return arena_format(arena, "%.*s%s", STR_ARG(word), last_character);
}

int search_start(const struct search_cost *cost)
{
    /* A hit costs about this many steps of a walk: found, looked up, sorted. */
    const double hit_steps = 2.0;
    double walk = (double)cost->wanted;
    int fewest = -1;
    for (size_t i = 0; i < cost->count; i++) {
        if (fewest < 0 || cost->hits[i] < cost->hits[fewest])
            fewest = (int)i;
        if (cost->hits[i] < cost->partners)
            walk *= (double)cost->partners / (double)(cost->hits[i] ? cost->hits[i] : 1);
    }
    if (fewest < 0)
        return -1;
    if (!cost->ordered || walk > (double)cost->partners)
        walk = (double)cost->partners;
    return (double)cost->hits[fewest] * hit_steps <= walk ? fewest : -1;
}
