/* A bar on one line of a terminal. */
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/cli/cli.h"
#include "lib/cli/width.h"

enum {
    REDRAW_MS = 100,
    LINE_BYTES_MAX = 1024,
    BAR_COLUMNS = 20,
    BAR_EIGHTHS = 8 * BAR_COLUMNS,
    ARENA_BYTES = 16 * 1024
};

struct cli_progress {
    int fd;
    bool is_terminal;
    const char *unit;
    int64_t began_ms, drawn_ms;
    bool drawn;
};

struct cli_progress *cli_progress_new(int fd, const char *unit, struct arena *arena)
{
    struct cli_progress *progress = ARENA_NEW(arena, struct cli_progress);
    *progress = (struct cli_progress){
        .fd = fd, .is_terminal = isatty(fd), .unit = unit, .began_ms = monotonic_ms()};
    progress->drawn_ms = progress->began_ms - REDRAW_MS;
    return progress;
}

static void add_number(struct buf *line, int64_t number)
{
    buf_add(line,
            cli_group_digits(arena_format(line->arena, "%lld", (long long)number), line->arena));
}

/* U+2588 is a full block; U+2589 to U+258F are seven eighths down to one. */
static void add_bar(struct buf *line, int64_t done, int64_t total)
{
    int eighths = (int)((double)done / (double)total * BAR_EIGHTHS);
    for (int i = 0; i < BAR_COLUMNS; i++) {
        int filled = eighths - i * 8;
        if (filled <= 0)
            buf_add_char(line, ' ');
        else
            buf_format(line, "\xe2\x96%c", (char)(0x90 - (filled > 8 ? 8 : filled)));
    }
}

static void add_time_left(struct buf *line, int64_t seconds)
{
    if (seconds >= 3600)
        buf_format(line, "  %lld:%02lld:%02lld left", (long long)(seconds / 3600),
                   (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    else
        buf_format(line, "  %lld:%02lld left", (long long)(seconds / 60),
                   (long long)(seconds % 60));
}

static void add_line(const struct cli_progress *progress, struct buf *line, int64_t done,
                     int64_t total)
{
    int64_t passed_ms = monotonic_ms() - progress->began_ms;
    int64_t rate = passed_ms > 0 ? (int64_t)((double)done * 1000.0 / (double)passed_ms) : 0;
    if (total > 0) {
        buf_format(line, "%4d %%  ", (int)((double)done / (double)total * 100));
        add_bar(line, done, total);
        buf_add(line, STR("  "));
    }
    add_number(line, done);
    if (total > 0) {
        buf_add_char(line, '/');
        add_number(line, total);
    }
    buf_format(line, " %s", progress->unit);
    if (rate > 0) {
        buf_add(line, STR("  "));
        add_number(line, rate);
        buf_format(line, " %s/s", progress->unit);
    }
    if (rate > 0 && total > 0)
        add_time_left(line, (total - done) / rate);
}

/* A terminal that takes no more is not worth stopping the work for. */
static void draw(struct cli_progress *progress, struct str text)
{
    ssize_t written = write(progress->fd, text.ptr, text.len);
    (void)written;
}

void cli_progress_set(struct cli_progress *progress, int64_t done, int64_t total)
{
    int64_t now_ms = monotonic_ms();
    if (!progress->is_terminal || now_ms - progress->drawn_ms < REDRAW_MS)
        return;
    struct arena arena;
    struct buf line;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&line, &arena, LINE_BYTES_MAX);
    if (total > 0 && done > total)
        done = total;
    add_line(progress, &line, done, total);
    int width = cli_terminal_width(progress->fd);
    struct str shown = width_cut(buf_str(&line), width > 1 ? (size_t)width - 1 : 79, &arena);
    draw(progress, arena_format(&arena, "\r%.*s\033[K", STR_ARG(shown)));
    arena_finish(&arena);
    progress->drawn_ms = now_ms;
    progress->drawn = true;
}

void cli_progress_end(struct cli_progress *progress)
{
    if (progress->drawn)
        draw(progress, STR("\r\033[K"));
    progress->drawn = false;
}
