/* See metric_pulse_book.h. Facts never change and their ids grow in the order of commits, so that
 * sums up to a fact and what came after it are all there is. */
#include "src/metric/metric_pulse_book.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "src/core/touch.h"
#include "src/metric/metric_cache.h"

enum {
    BOOKS_MAX = 32, /* each some hundred KiB: a line has a sum for each minute of a day */
    LINES_FIRST = 8,
    /* So few partners are read one by one, more by reading the days. */
    ONE_BY_ONE_MAX = 1000,
    MINUTE_MS = MS_PER_MINUTE
};

struct book_line {
    enum fact_kind kind;
    struct currency currency;
    struct pulse_sum today;
    struct pulse_sum *minutes; /* of last week's day */
};

/* Under its own lock, but for the first three, which are the list's. */
struct book {
    struct book *older;
    struct metric_scope scope; /* its texts behind the book */
    size_t holders;
    pthread_mutex_t lock;
    bool is_good;
    struct pulse_days days;
    unsigned kinds;
    struct touch_stand stand; /* what `set` was read at */
    struct fact_id position;  /* everything up to it is in the sums */
    /* Whose facts count, or of the channel: whose do not. As recorded, ascending. */
    struct partner_id *set;
    size_t set_count;
    struct book_line *lines;
    size_t line_count, line_cap;
    bool overflow;
};

struct pulse_books {
    pthread_mutex_t lock;
    struct book *newest;
    size_t count;
};

/* ---- a book's memory ---- */

static struct str put_text(char **at, struct str text)
{
    struct str copy = {*at, text.len};
    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return copy;
}

static struct book *book_new(const struct metric_scope *scope)
{
    struct book *book =
        calloc(1, sizeof(*book) + scope->tier.len + scope->country.len + scope->tag.len);
    if (!book || pthread_mutex_init(&book->lock, NULL))
        abort();
    char *at = (char *)(book + 1);
    book->scope = *scope;
    book->scope.tier = put_text(&at, scope->tier);
    book->scope.country = put_text(&at, scope->country);
    book->scope.tag = put_text(&at, scope->tag);
    return book;
}

static void forget_sums(struct book *book)
{
    for (size_t i = 0; i < book->line_count; i++)
        free(book->lines[i].minutes);
    book->line_count = 0;
    book->overflow = false;
    book->is_good = false;
}

static void book_free(struct book *book)
{
    forget_sums(book);
    free(book->lines);
    free(book->set);
    pthread_mutex_destroy(&book->lock);
    free(book);
}

static size_t minutes_of(const struct book *book)
{
    const struct rollup_part *week = &book->days.week;
    return (size_t)((week->to_ms - week->from_ms + MINUTE_MS - 1) / MINUTE_MS);
}

static struct book_line *line_of(struct book *book, enum fact_kind kind, struct currency currency)
{
    for (size_t i = 0; i < book->line_count; i++)
        if (book->lines[i].kind == kind && currency_equal(book->lines[i].currency, currency))
            return &book->lines[i];
    if (book->line_count == book->line_cap) {
        book->line_cap = book->line_cap ? book->line_cap * 2 : LINES_FIRST;
        book->lines = realloc(book->lines, book->line_cap * sizeof(*book->lines));
    }
    struct pulse_sum *minutes = calloc(minutes_of(book) + 1, sizeof(*minutes));
    if (!book->lines || !minutes)
        abort();
    struct book_line *line = &book->lines[book->line_count++];
    *line = (struct book_line){.kind = kind, .currency = currency, .minutes = minutes};
    return line;
}

/* ---- adding facts ---- */

struct adding {
    struct book *book;
    const struct metric_frame *frame;
    bool by_set; /* else what is visited counts in any case */
    int sign;
};

static int compare_ids(const void *a, const void *b)
{
    int64_t left = ((const struct partner_id *)a)->v, right = ((const struct partner_id *)b)->v;
    return (left > right) - (left < right);
}

static bool counts(const struct adding *adding, struct partner_id recorded)
{
    const struct book *book = adding->book;
    if (!adding->by_set)
        return true;
    bool is_in = book->set_count &&
                 bsearch(&recorded, book->set, book->set_count, sizeof(recorded), compare_ids);
    return is_in == (adding->frame->whose != METRIC_OF_CHANNEL);
}

static bool is_in_part(const struct rollup_part *part, int64_t at_ms)
{
    return at_ms >= part->from_ms && at_ms < part->to_ms;
}

static void visit_move(void *self, const struct rollup_move *move)
{
    const struct adding *adding = self;
    struct book *book = adding->book;
    bool is_today = is_in_part(&book->days.today, move->at_ms);
    if ((!is_today && !is_in_part(&book->days.week, move->at_ms)) ||
        !counts(adding, move->recorded))
        return;
    struct book_line *line = line_of(book, move->kind, move->currency);
    struct pulse_sum *sum =
        is_today ? &line->today
                 : &line->minutes[(move->at_ms - book->days.week.from_ms) / MINUTE_MS];
    book->overflow |=
        __builtin_add_overflow(sum->facts, adding->sign * move->facts, &sum->facts) ||
        __builtin_add_overflow(sum->quantity_milli, adding->sign * move->quantity_milli,
                               &sum->quantity_milli) ||
        __builtin_add_overflow(sum->amount, adding->sign * move->amount, &sum->amount);
}

/* The facts of both days, of one partner or of all that the set lets count. */
static enum err add_days(const struct metric_frame *frame, struct book *book,
                         struct partner_id recorded, int sign)
{
    struct adding adding = {book, frame, !partner_id_is_set(recorded), sign};
    struct rollup_moves moves = {.recorded = recorded,
                                 .kinds = book->kinds,
                                 .product = frame->heading.scope.product,
                                 .part = book->days.today};
    TRY(rollup_read_moves(frame->ctx, &moves, visit_move, &adding));
    moves.part = book->days.week;
    return rollup_read_moves(frame->ctx, &moves, visit_move, &adding);
}

/* What was recorded since, while the set is still the old one. */
static enum err catch_up(const struct metric_frame *frame, struct book *book, struct fact_id newest)
{
    struct adding adding = {book, frame, true, 1};
    struct fact_range range = {.after = book->position, .to = newest};
    struct rollup_moves moves = {.kinds = book->kinds,
                                 .product = frame->heading.scope.product,
                                 .part = {book->days.week.from_ms, book->days.today.to_ms}};
    if (range.after.v < range.to.v)
        TRY(rollup_read_moves_after(frame->ctx, &moves, &range, visit_move, &adding));
    book->position = newest;
    return OK;
}

/* ---- the set ---- */

static enum err read_set(struct metric_frame *frame, struct partner_ids *ret_set)
{
    TRY(metric_frame_read_set(frame));
    switch (frame->whose) {
    case METRIC_OF_PARTNER:
        *ret_set = (struct partner_ids){&frame->partner.id, 1};
        break;
    case METRIC_OF_GROUP:
        *ret_set = frame->members;
        break;
    case METRIC_OF_CHANNEL:
        *ret_set = frame->archived;
        break;
    }
    return metric_store_add_merged(frame->ctx, ret_set);
}

static void keep_set(struct book *book, const struct partner_ids *set)
{
    free(book->set);
    book->set = calloc(set->count + 1, sizeof(*book->set));
    if (!book->set)
        abort();
    if (set->count)
        memcpy(book->set, set->ids, set->count * sizeof(*book->set));
    book->set_count = set->count;
}

/* Who is in one of them only. `ret_came`: what of it is in the new one. In the arena. */
struct difference {
    struct partner_id *came, *left;
    size_t came_count, left_count;
};

static struct difference compare_sets(struct arena *arena, const struct book *book,
                                      const struct partner_ids *set)
{
    struct difference all = {.came = ARENA_ARRAY(arena, struct partner_id, set->count),
                             .left = ARENA_ARRAY(arena, struct partner_id, book->set_count)};
    size_t old = 0, new = 0;
    while (old < book->set_count || new < set->count) {
        int64_t before = old < book->set_count ? book->set[old].v : INT64_MAX;
        int64_t now = new < set->count ? set->ids[new].v : INT64_MAX;
        if (before < now)
            all.left[all.left_count++].v = before;
        if (now < before)
            all.came[all.came_count++].v = now;
        old += before <= now;
        new += now <= before;
    }
    return all;
}

/* ---- reading a book ---- */

static enum err fill(const struct metric_frame *frame, struct book *book,
                     const struct partner_ids *set, struct fact_id newest)
{
    forget_sums(book);
    keep_set(book, set);
    book->position = newest;
    bool is_few = frame->whose == METRIC_OF_GROUP && set->count <= ONE_BY_ONE_MAX;
    bool one_by_one = is_few || frame->whose == METRIC_OF_PARTNER;
    for (size_t i = 0; one_by_one && i < set->count; i++)
        TRY(add_days(frame, book, set->ids[i], 1));
    return one_by_one ? OK : add_days(frame, book, (struct partner_id){0}, 1);
}

/* Adds what came to the set and takes off what left it. */
static enum err change_set(const struct metric_frame *frame, struct book *book,
                           const struct partner_ids *set, struct fact_id newest)
{
    struct difference change = compare_sets(frame->ctx->arena, book, set);
    int sign = frame->whose == METRIC_OF_GROUP ? 1 : -1;
    if (change.came_count + change.left_count > ONE_BY_ONE_MAX)
        return fill(frame, book, set, newest);
    for (size_t i = 0; i < change.came_count; i++)
        TRY(add_days(frame, book, change.came[i], sign));
    for (size_t i = 0; i < change.left_count; i++)
        TRY(add_days(frame, book, change.left[i], -sign));
    if (change.came_count || change.left_count)
        keep_set(book, set);
    return OK;
}

static enum err bring_up(struct metric_frame *frame, struct book *book,
                         const struct pulse_days *days, struct fact_id newest)
{
    struct ctx *ctx = frame->ctx;
    unsigned kinds = metric_frame_kinds(frame);
    struct partner_ids set;
    bool was_good =
        book->is_good && kinds == book->kinds && memcmp(days, &book->days, sizeof(*days)) == 0;
    if (was_good)
        TRY(catch_up(frame, book, newest));
    if (was_good && touch_stand_equal(ctx->stand, book->stand))
        return OK;
    TRY(read_set(frame, &set));
    if (!was_good) {
        forget_sums(book);
        book->kinds = kinds;
        book->days = *days;
    }
    TRY(was_good ? change_set(frame, book, &set, newest) : fill(frame, book, &set, newest));
    book->stand = ctx->stand;
    return OK;
}

static bool is_nothing(const struct pulse_sum *sum)
{
    return !sum->facts && !sum->quantity_milli && !sum->amount;
}

static bool add_sum(struct pulse_sum *total, const struct pulse_sum *sum)
{
    return !__builtin_add_overflow(total->facts, sum->facts, &total->facts) &&
           !__builtin_add_overflow(total->quantity_milli, sum->quantity_milli,
                                   &total->quantity_milli) &&
           !__builtin_add_overflow(total->amount, sum->amount, &total->amount);
}

static bool sum_minutes(const struct book_line *line, size_t count, struct pulse_sum *ret_sum)
{
    bool fits = true;
    *ret_sum = (struct pulse_sum){0};
    for (size_t i = 0; i < count && fits; i++)
        fits = add_sum(ret_sum, &line->minutes[i]);
    return fits;
}

static enum err copy_lines(struct ctx *ctx, const struct book *book, int64_t minutes,
                           struct pulse_lines *ret_lines)
{
    struct pulse_lines lines = {ARENA_ARRAY(ctx->arena, struct pulse_line, book->line_count), 0};
    size_t all = minutes_of(book);
    size_t so_far = minutes < 0 ? 0 : (size_t)minutes < all ? (size_t)minutes : all;
    bool fits = !book->overflow;
    for (size_t i = 0; i < book->line_count && fits; i++) {
        const struct book_line *line = &book->lines[i];
        struct pulse_line copy = {
            .kind = line->kind, .currency = line->currency, .today = line->today};
        fits = sum_minutes(line, so_far, &copy.so_far) && sum_minutes(line, all, &copy.week);
        if (!is_nothing(&copy.today) || !is_nothing(&copy.week))
            lines.rows[lines.count++] = copy;
    }
    if (!fits)
        return CTX_FAULT(ctx, ERR_INVALID, "sum_too_large", "A sum is too large.");
    *ret_lines = lines;
    return OK;
}

static enum err read_book(struct metric_frame *frame, struct book *book,
                          const struct pulse_days *days, struct fact_id newest)
{
    enum err err = bring_up(frame, book, days, newest);
    book->is_good = err == OK;
    return err;
}

/* ---- the books ---- */

struct pulse_books *pulse_books_new(void)
{
    struct pulse_books *books = calloc(1, sizeof(*books));
    if (!books || pthread_mutex_init(&books->lock, NULL))
        abort();
    return books;
}

void pulse_books_free(struct pulse_books *books)
{
    while (books->newest) {
        struct book *book = books->newest;
        books->newest = book->older;
        assert(!book->holders);
        book_free(book);
    }
    pthread_mutex_destroy(&books->lock);
    free(books);
}

static bool same_scope(const struct metric_scope *a, const struct metric_scope *b)
{
    return user_id_equal(a->manager, b->manager) && product_id_equal(a->product, b->product) &&
           str_equal(a->tier, b->tier) && str_equal(a->country, b->country) &&
           str_equal(a->tag, b->tag);
}

/* Locked. The one that was used least recently and that nobody uses now. */
static void drop_oldest(struct pulse_books *books)
{
    struct book **oldest = NULL;
    for (struct book **at = &books->newest; *at; at = &(*at)->older)
        if (!(*at)->holders)
            oldest = at;
    if (!oldest)
        return;
    struct book *book = *oldest;
    *oldest = book->older;
    books->count--;
    book_free(book);
}

static struct book *take(struct pulse_books *books, const struct metric_scope *scope)
{
    pthread_mutex_lock(&books->lock);
    struct book **at = &books->newest;
    while (*at && !same_scope(&(*at)->scope, scope))
        at = &(*at)->older;
    struct book *book = *at;
    if (book) {
        *at = book->older;
    } else {
        if (books->count == BOOKS_MAX)
            drop_oldest(books);
        book = book_new(scope);
        books->count++;
    }
    book->older = books->newest;
    books->newest = book;
    book->holders++;
    pthread_mutex_unlock(&books->lock);
    pthread_mutex_lock(&book->lock);
    return book;
}

static void give(struct pulse_books *books, struct book *book)
{
    pthread_mutex_unlock(&book->lock);
    pthread_mutex_lock(&books->lock);
    book->holders--;
    if (books->count > BOOKS_MAX)
        drop_oldest(books);
    pthread_mutex_unlock(&books->lock);
}

/* One that is read and thrown away. */
static enum err read_alone(struct metric_frame *frame, const struct pulse_days *days,
                           int64_t minutes, struct pulse_lines *ret_lines)
{
    struct fact_id newest = {0};
    struct book *book = book_new(&frame->heading.scope);
    enum err err = read_book(frame, book, days, newest);
    if (err == OK)
        err = copy_lines(frame->ctx, book, minutes, ret_lines);
    book_free(book);
    return err;
}

enum err pulse_books_read(struct metric_frame *frame, const struct pulse_days *days,
                          int64_t minutes, struct pulse_lines *ret_lines)
{
    struct ctx *ctx = frame->ctx;
    struct pulse_books *books = metrics_books(ctx->services->metrics);
    struct fact_id newest;
    if (!books || !ctx->services->touches || frame->whose == METRIC_OF_PARTNER)
        return read_alone(frame, days, minutes, ret_lines);
    TRY(ledger_newest(ctx, &newest));
    struct book *book = take(books, &frame->heading.scope);
    /* Somebody with a newer snapshot was here. */
    bool is_ahead = book->is_good && book->position.v > newest.v;
    enum err err = is_ahead ? OK : read_book(frame, book, days, newest);
    if (err == OK && !is_ahead)
        err = copy_lines(ctx, book, minutes, ret_lines);
    give(books, book);
    return is_ahead ? read_alone(frame, days, minutes, ret_lines) : err;
}
