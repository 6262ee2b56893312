/* What `rapport watch` draws on a terminal. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "src/live/live_screen.h"
#include "tests/support/test.h"

enum { TEXT_MAX = 64 * 1024, COLUMNS = 90, LINES = 12 };

struct terminal {
    int own_fd, its_fd;
    char text[TEXT_MAX];
    struct command_run run;
    struct live_view view;
    struct arena arena;
};

static void terminal_open(struct terminal *terminal)
{
    struct winsize size = {.ws_row = LINES, .ws_col = COLUMNS};
    terminal->own_fd = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(terminal->own_fd >= 0 && !grantpt(terminal->own_fd) && !unlockpt(terminal->own_fd));
    terminal->its_fd = open(ptsname(terminal->own_fd), O_RDWR | O_NOCTTY);
    CHECK(terminal->its_fd >= 0 && !ioctl(terminal->its_fd, TIOCSWINSZ, &size));
    terminal->run = (struct command_run){.out_fd = terminal->its_fd, .is_terminal = true};
    arena_init(&terminal->arena, TEXT_MAX * 100);
}

static void terminal_close(struct terminal *terminal)
{
    close(terminal->its_fd);
    close(terminal->own_fd);
    arena_finish(&terminal->arena);
}

/* What was drawn since the last time, at most as much as one draws at once. */
static const char *drawn(struct terminal *terminal)
{
    CHECK(write(terminal->its_fd, "@", 1) == 1);
    size_t len = 0;
    while (len < TEXT_MAX - 1 && (!len || terminal->text[len - 1] != '@')) {
        ssize_t got = read(terminal->own_fd, terminal->text + len, TEXT_MAX - 1 - len);
        CHECK(got > 0);
        len += (size_t)got;
    }
    terminal->text[len - 1] = '\0';
    return terminal->text;
}

static void add_fact(struct terminal *terminal, struct live_screen *screen, const char *name)
{
    struct live_card card = {.partner.fields[PARTNER_NAME] = str_from_c(name)};
    struct live_fact told = {.fact = {.kind = FACT_ORDER,
                                      .at_ms = 1715774400000,
                                      .quantity_milli = 2000,
                                      .has_amount = true,
                                      .amount = {123450, {"EUR"}},
                                      .external_id = STR("order-1")},
                             .card = &card};
    CHECK_OK(live_screen_fact(screen, &told, &terminal->arena));
}

TEST(live_screen, has_the_newest_fact_first_and_gives_the_terminal_back)
{
    struct terminal terminal = {0};
    terminal_open(&terminal);
    struct live_screen *screen = live_screen_open(&terminal.run, &terminal.view);
    add_fact(&terminal, screen, "North");
    add_fact(&terminal, screen, "South\x1b[31m");
    CHECK_OK(live_screen_draw(screen, &terminal.arena));
    const char *text = drawn(&terminal);
    const char *north = strstr(text, "North"), *south = strstr(text, "South");
    CHECK(strncmp(text, "\x1b[?1049h", 8) == 0);
    CHECK(north && south && south < north);
    CHECK(strstr(text, "2024-05-15T12:00:00Z") && strstr(text, "1,234.50 EUR"));
    CHECK(!strstr(text, "\x1b[31m")); /* data never drives the terminal */
    live_screen_close(screen);
    CHECK(strstr(drawn(&terminal), "\x1b[?25h\x1b[?1049l"));
    terminal_close(&terminal);
}

TEST(live_screen, draws_no_more_lines_than_the_terminal_has_and_nothing_when_nothing_changed)
{
    struct terminal terminal = {0};
    terminal_open(&terminal);
    struct live_screen *screen = live_screen_open(&terminal.run, &terminal.view);
    for (int i = 0; i < 500; i++)
        add_fact(&terminal, screen, "North");
    CHECK_OK(live_screen_draw(screen, &terminal.arena));
    int lines = 0;
    for (const char *at = drawn(&terminal); *at; at++)
        lines += *at == '\n';
    CHECK(lines > LINES / 2 && lines < LINES);
    CHECK_OK(live_screen_draw(screen, &terminal.arena));
    CHECK_INT(0, (int64_t)strlen(drawn(&terminal)));
    live_screen_close(screen);
    terminal_close(&terminal);
}
