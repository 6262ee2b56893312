/* A screen that is drawn anew when something changed: it bears every resize and any width. */
#include "src/live/live_screen.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/time.h"

enum {
    CELLS = 6,
    ROWS_KEPT = 200, /* higher than any screen */
    HEADER_BYTES = 16 * 1024,
    SCREEN_BYTES = 256 * 1024,
    CELL_BYTES = 400,
    /* Rows that have left the screen stay in memory until then. */
    OLD_BYTES = 4 * 1024 * 1024
};

struct row {
    struct str cells[CELLS];
};

struct live_screen {
    const struct command_run *run;
    const struct live_view *view;
    struct arena arena; /* of the rows and the header */
    struct row rows[ROWS_KEPT];
    size_t count, next; /* a ring */
    struct str header;
    int width, height;
    bool is_terminal, is_drawn, changed;
};

static void note_size(struct live_screen *screen)
{
    int width = cli_terminal_width(screen->run->out_fd);
    int height = cli_terminal_height(screen->run->out_fd);
    screen->changed = screen->changed || width != screen->width || height != screen->height;
    screen->width = width;
    screen->height = height;
}

struct live_screen *live_screen_open(const struct command_run *run, const struct live_view *view)
{
    struct live_screen *screen = calloc(1, sizeof(*screen));
    if (!screen)
        abort();
    screen->run = run;
    screen->view = view;
    screen->is_terminal = run->is_terminal && run->format == CLI_FORMAT_TEXT;
    screen->changed = true;
    arena_init(&screen->arena, OLD_BYTES * 2);
    note_size(screen);
    return screen;
}

void live_screen_close(struct live_screen *screen)
{
    if (!screen)
        return;
    /* The screen as it was before, with the cursor. */
    if (screen->is_terminal && screen->is_drawn &&
        cli_write(screen->run->out_fd, STR("\x1b[?25h\x1b[?1049l")) != OK)
        screen->changed = false;
    arena_finish(&screen->arena);
    free(screen);
}

bool live_screen_is_terminal(const struct live_screen *screen)
{
    return screen->is_terminal;
}

/* ---- rows ---- */

static void copy_row(struct arena *arena, struct row *to, const struct row *from)
{
    for (size_t i = 0; i < CELLS; i++)
        to->cells[i] = arena_str(arena, from->cells[i]);
}

/* Lets go of what rows that are gone have left. */
static void tidy(struct live_screen *screen)
{
    struct arena fresh;
    if (screen->arena.used_bytes < OLD_BYTES)
        return;
    arena_init(&fresh, OLD_BYTES * 2);
    for (size_t i = 0; i < screen->count; i++)
        copy_row(&fresh, &screen->rows[i], &screen->rows[i]);
    screen->header = arena_str(&fresh, screen->header);
    arena_finish(&screen->arena);
    screen->arena = fresh;
}

static enum err print_line(const struct live_screen *screen, const struct row *row,
                           struct arena *scratch)
{
    struct buf line;
    buf_init(&line, scratch, SCREEN_BYTES);
    for (size_t i = 0; i < CELLS; i++) {
        if (!row->cells[i].len)
            continue;
        buf_add(&line, line.len ? STR("  ") : STR(""));
        buf_add(&line, cli_visible(row->cells[i], scratch));
    }
    buf_add_char(&line, '\n');
    return cli_write(screen->run->out_fd, buf_str(&line));
}

static enum err add_row(struct live_screen *screen, const struct row *row, struct arena *scratch)
{
    if (!screen->is_terminal)
        return print_line(screen, row, scratch);
    tidy(screen);
    copy_row(&screen->arena, &screen->rows[screen->next], row);
    screen->next = (screen->next + 1) % ROWS_KEPT;
    if (screen->count < ROWS_KEPT)
        screen->count++;
    screen->changed = true;
    return OK;
}

static struct str time_text(int64_t at_ms, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, TIME_TEXT_MAX);
    time_render(at_ms / MS_PER_SECOND * MS_PER_SECOND, &buf);
    /* "2026-05-31T12:00:00.000Z": nobody reads thousandths. */
    struct str text = buf_str(&buf);
    return arena_format(arena, "%.*sZ", STR_ARG(str_slice(text, 0, text.len - 5)));
}

static struct str quantity_text(const struct fact *fact, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, CELL_BYTES);
    fact_quantity_render(fact->quantity_milli, &buf);
    return buf_str(&buf);
}

static struct str amount_text(const struct fact *fact, struct arena *arena)
{
    struct buf buf;
    if (!fact->has_amount)
        return STR("");
    buf_init(&buf, arena, CELL_BYTES);
    money_render(fact->amount, &buf);
    return arena_format(arena, "%.*s %.*s", STR_ARG(cli_group_digits(buf_str(&buf), arena)),
                        STR_ARG(currency_str(&fact->amount.currency)));
}

static struct str about_text(const struct fact *fact, struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, 2 * CELL_BYTES);
    buf_add(&buf, fact_id_is_set(fact->reverses) ? STR("taken back ") : STR(""));
    buf_add(&buf, fact->product_name.len ? fact->product_name : fact->external_id);
    return buf_str(&buf);
}

enum err live_screen_fact(struct live_screen *screen, const struct live_fact *told,
                          struct arena *scratch)
{
    const struct fact *fact = &told->fact;
    struct row row = {{time_text(fact->at_ms, scratch), told->card->partner.fields[PARTNER_NAME],
                       str_from_c(fact_kind_name(fact->kind)), quantity_text(fact, scratch),
                       amount_text(fact, scratch), about_text(fact, scratch)}};
    return add_row(screen, &row, scratch);
}

enum err live_screen_totals(struct live_screen *screen, const struct live_totals *totals,
                            int64_t now_ms, struct arena *scratch)
{
    struct buf kinds;
    buf_init(&kinds, scratch, CELL_BYTES);
    for (int kind = 1; kind < FACT_KIND_COUNT; kind++)
        if (totals->kinds[kind])
            buf_format(&kinds, "%s%lld %s", kinds.len ? ", " : "", (long long)totals->kinds[kind],
                       fact_kind_name((enum fact_kind)kind));
    struct str facts = arena_format(scratch, "%lld", (long long)totals->facts);
    struct row row = {
        {time_text(now_ms, scratch),
         arena_format(scratch, "%.*s facts at once", STR_ARG(cli_group_digits(facts, scratch))),
         STR(""), STR(""), STR(""), buf_str(&kinds)}};
    return add_row(screen, &row, scratch);
}

/* ---- numbers ---- */

static struct str result_text(const struct metric_result *result, struct arena *arena)
{
    struct buf buf, number;
    buf_init(&buf, arena, CELL_BYTES);
    buf_init(&number, arena, CELL_BYTES);
    for (size_t i = 0; i < result->count; i++) {
        const struct metric_value *value = &result->values[i];
        buf_clear(&number);
        metric_value_render(value, result->metric->unit, &number);
        buf_add(&buf, i ? STR(" + ") : STR(""));
        buf_add(&buf, cli_group_digits(buf_str(&number), arena));
        buf_format(&buf, currency_str(&value->currency).len ? " %.*s" : "%.*s",
                   STR_ARG(currency_str(&value->currency)));
    }
    return buf_str(&buf);
}

static void set_header(struct live_screen *screen, struct str title, const struct cli_table *table,
                       struct arena *scratch)
{
    struct str text = cli_table_render(table, screen->width, true, scratch);
    tidy(screen);
    screen->header = arena_format(&screen->arena, "%.*s\n\n%.*s",
                                  STR_ARG(cli_visible(title, scratch)), STR_ARG(text));
    screen->changed = true;
}

/* "Sales no data, Number of sales 0". */
static void add_number(struct buf *buf, const struct metric_result *result, struct arena *scratch)
{
    struct str value = result_text(result, scratch);
    buf_format(buf, "%s%s %.*s", buf->len ? ", " : "", result->metric->name,
               STR_ARG(value.len ? value : STR("no data")));
}

static enum err print_numbers(const struct live_screen *screen, int64_t at_ms, struct str title,
                              const struct buf *numbers, struct arena *scratch)
{
    struct row row = {
        {time_text(at_ms, scratch), title, STR(""), STR(""), STR(""), buf_str(numbers)}};
    return print_line(screen, &row, scratch);
}

static void set_pulse(struct live_screen *screen, struct str title,
                      const struct metric_pulse *pulse, struct arena *scratch)
{
    static const struct cli_column columns[] = {
        {"Today", "name", CLI_LEFT, CLI_CELL_TEXT},
        {"So far", "today", CLI_RIGHT, CLI_CELL_TEXT},
        {"Last week by now", "last_week_so_far", CLI_RIGHT, CLI_CELL_TEXT},
        {"All of that day", "last_week", CLI_RIGHT, CLI_CELL_TEXT},
    };
    struct cli_table *table = cli_table_new(scratch, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < pulse->today.count; i++) {
        struct str cells[] = {str_from_c(pulse->today.results[i].metric->name),
                              result_text(&pulse->today.results[i], scratch),
                              result_text(&pulse->last_week_so_far.results[i], scratch),
                              result_text(&pulse->last_week.results[i], scratch)};
        cli_table_add(table, cells);
    }
    cli_table_spare(table, "last_week");
    set_header(screen,
               arena_format(scratch, "%.*s, %.*s", STR_ARG(title),
                            STR_ARG(time_text(pulse->as_of_ms, scratch))),
               table, scratch);
}

enum err live_screen_pulse(struct live_screen *screen, const struct metric_pulse *pulse,
                           struct arena *scratch)
{
    bool is_group = metric_scope_is_group(&screen->view->scope);
    struct str title = is_group ? STR("A group of partners") : STR("The whole channel");
    struct buf numbers;
    if (screen->is_terminal) {
        set_pulse(screen, title, pulse, scratch);
        return OK;
    }
    buf_init(&numbers, scratch, SCREEN_BYTES);
    for (size_t i = 0; i < pulse->today.count; i++)
        add_number(&numbers, &pulse->today.results[i], scratch);
    title = arena_format(scratch, "%.*s today", STR_ARG(title));
    return print_numbers(screen, pulse->as_of_ms, title, &numbers, scratch);
}

static bool is_shown(const struct metric_result *result)
{
    static const char *const codes[] = {"orders", "sales",          "units",      "calls_made",
                                        "visits", "calls_received", "on_display", "shelf_units"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(result->metric->code, codes[i]) == 0)
            return true;
    return false;
}

static void set_report(struct live_screen *screen, const struct metric_report *report,
                       struct arena *scratch)
{
    static const struct cli_column columns[] = {
        {"The last 30 days", "name", CLI_LEFT, CLI_CELL_TEXT},
        {"", "value", CLI_RIGHT, CLI_CELL_TEXT},
    };
    struct cli_table *table = cli_table_new(scratch, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < report->values.count; i++) {
        const struct metric_result *result = &report->values.results[i];
        struct str cells[] = {str_from_c(result->metric->name), result_text(result, scratch)};
        if (is_shown(result))
            cli_table_add(table, cells);
    }
    set_header(screen, report->partner.fields[PARTNER_NAME], table, scratch);
}

enum err live_screen_report(struct live_screen *screen, const struct metric_report *report,
                            int64_t now_ms, struct arena *scratch)
{
    struct buf numbers;
    if (screen->is_terminal) {
        set_report(screen, report, scratch);
        return OK;
    }
    buf_init(&numbers, scratch, SCREEN_BYTES);
    for (size_t i = 0; i < report->values.count; i++)
        if (is_shown(&report->values.results[i]))
            add_number(&numbers, &report->values.results[i], scratch);
    struct str title = arena_format(scratch, "%.*s, the last 30 days",
                                    STR_ARG(report->partner.fields[PARTNER_NAME]));
    return print_numbers(screen, now_ms, title, &numbers, scratch);
}

/* ---- drawing ---- */

static struct str rows_text(const struct live_screen *screen, size_t most, struct arena *scratch)
{
    static const struct cli_column columns[] = {
        {"When (UTC)", "at", CLI_LEFT, CLI_CELL_TEXT},
        {"Partner", "partner", CLI_LEFT, CLI_CELL_TEXT},
        {"What", "kind", CLI_LEFT, CLI_CELL_TEXT},
        {"Quantity", "quantity", CLI_RIGHT, CLI_CELL_TEXT},
        {"Amount", "amount", CLI_RIGHT, CLI_CELL_TEXT},
        {"About", "about", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct cli_table *table = cli_table_new(scratch, columns, ARRAY_LEN(columns));
    for (size_t i = 1; i <= screen->count && i <= most; i++)
        cli_table_add(table, screen->rows[(screen->next + ROWS_KEPT - i) % ROWS_KEPT].cells);
    cli_table_spare(table, "about");
    cli_table_spare(table, "quantity");
    return cli_table_render(table, screen->width, true, scratch);
}

/* Each line clears what stood there before; lines below the screen are left out. */
static size_t put_lines(struct buf *out, struct str text, size_t room)
{
    struct str line;
    while (room && text.len && str_split(&text, '\n', &line)) {
        buf_add(out, line);
        buf_add(out, STR("\x1b[K\r\n"));
        room--;
    }
    return room;
}

enum err live_screen_draw(struct live_screen *screen, struct arena *scratch)
{
    struct buf out;
    if (!screen->is_terminal)
        return OK;
    note_size(screen);
    if (!screen->changed || screen->height < 2)
        return OK;
    screen->changed = false;
    buf_init(&out, scratch, SCREEN_BYTES);
    buf_add(&out, !screen->is_drawn ? STR("\x1b[?1049h\x1b[?25l\x1b[H") : STR("\x1b[H"));
    size_t room = put_lines(&out, screen->header, (size_t)screen->height - 1);
    room = put_lines(&out, STR("\n"), room);
    put_lines(&out, rows_text(screen, room, scratch), room);
    buf_add(&out, STR("\x1b[J"));
    screen->is_drawn = true;
    return cli_write(screen->run->out_fd, buf_str(&out));
}
