/* Tests on a real pseudo-terminal: width, the progress bar, and secrets. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/time.h"
#include "lib/cli/cli.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 1024 * 1024, TEXT_MAX = 4096, WAIT_MS = 5000 };

/* Both ends of a pseudo-terminal. */
struct terminal {
    int ours, theirs;
};

static void terminal_open(struct terminal *terminal)
{
    terminal->ours = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(terminal->ours >= 0 && grantpt(terminal->ours) == 0 && unlockpt(terminal->ours) == 0);
    terminal->theirs = open(ptsname(terminal->ours), O_RDWR | O_NOCTTY);
    CHECK(terminal->theirs >= 0);
}

static void terminal_close(struct terminal *terminal)
{
    close(terminal->ours);
    close(terminal->theirs);
}
#define SCOPED_TERMINAL CLEANUP(terminal_close) struct terminal

/* Adds what the terminal shows until `wanted` is in it. */
static bool shows(const struct terminal *terminal, char *text, size_t *len, const char *wanted)
{
    int64_t until_ms = monotonic_ms() + WAIT_MS;
    while (!str_find((struct str){text, *len}, str_from_c(wanted), NULL)) {
        struct pollfd poll_fd = {.fd = terminal->ours, .events = POLLIN};
        if (*len == TEXT_MAX || monotonic_ms() > until_ms || poll(&poll_fd, 1, WAIT_MS) <= 0)
            return false;
        ssize_t got = read(terminal->ours, text + *len, TEXT_MAX - *len);
        if (got <= 0)
            return false;
        *len += (size_t)got;
    }
    return true;
}

TEST(cli_terminal_width, is_the_terminals_and_zero_without_one)
{
    SCOPED_TERMINAL terminal;
    terminal_open(&terminal);
    struct winsize size = {.ws_row = 24, .ws_col = 132};
    CHECK(ioctl(terminal.theirs, TIOCSWINSZ, &size) == 0);
    CHECK_INT(132, cli_terminal_width(terminal.theirs));
    int file = open("/dev/null", O_WRONLY);
    CHECK_INT(0, cli_terminal_width(file));
    close(file);
}

TEST(cli_progress, draws_a_bar_and_clears_it)
{
    char text[TEXT_MAX];
    size_t len = 0;
    struct arena arena;
    SCOPED_TERMINAL terminal;
    terminal_open(&terminal);
    arena_init(&arena, ARENA_BYTES);
    struct cli_progress *progress = cli_progress_new(terminal.theirs, "rows", &arena);
    cli_progress_set(progress, 35800, 57851);
    cli_progress_set(progress, 35801, 57851);
    cli_progress_end(progress);
    CHECK(shows(&terminal, text, &len, "\r\033[K"));
    CHECK(str_find((struct str){text, len}, STR("\r  61 %  ████████████▍"), NULL));
    CHECK(str_find((struct str){text, len}, STR("35,800/57,851 rows"), NULL));
    CHECK(!str_find((struct str){text, len}, STR("35,801"), NULL));
    arena_finish(&arena);
}

TEST(cli_progress, writes_nothing_where_there_is_no_terminal)
{
    char byte;
    int ends[2];
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    CHECK(pipe(ends) == 0);
    struct cli_progress *progress = cli_progress_new(ends[1], "rows", &arena);
    cli_progress_set(progress, 1, 2);
    cli_progress_end(progress);
    close(ends[1]);
    CHECK_INT(0, read(ends[0], &byte, 1));
    close(ends[0]);
    arena_finish(&arena);
}

/* In a child whose stdin is `in`: reads a secret and tells it, or the error, on `out`. */
static pid_t read_in_child(int in, int out)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child > 0)
        return child;
    struct arena arena;
    struct fault fault = {0};
    struct str secret = {NULL, 0};
    arena_init(&arena, ARENA_BYTES);
    dup2(in, STDIN_FILENO);
    dup2(in, STDERR_FILENO);
    enum err err = cli_read_secret("Password: ", &arena, &secret, &fault);
    struct str said = arena_format(&arena, "%s:%.*s", err_info(err)->code, STR_ARG(secret));
    _exit(cli_write(out, said) == OK ? 0 : 1);
}

static void check_said(pid_t child, int out, const char *expected)
{
    char said[TEXT_MAX];
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    ssize_t len = read(out, said, sizeof(said));
    CHECK_STR(expected, ((struct str){said, len > 0 ? (size_t)len : 0}));
}

static void check_typed(const char *keys, const char *expected)
{
    char text[TEXT_MAX];
    size_t len = 0;
    int ends[2];
    struct termios before, after;
    SCOPED_TERMINAL terminal;
    terminal_open(&terminal);
    CHECK(pipe(ends) == 0 && tcgetattr(terminal.theirs, &before) == 0);
    pid_t child = read_in_child(terminal.theirs, ends[1]);
    CHECK(shows(&terminal, text, &len, "Password: "));
    CHECK_OK(cli_write(terminal.ours, str_from_c(keys)));
    CHECK(shows(&terminal, text, &len, "\n"));
    check_said(child, ends[0], expected);
    CHECK(!str_find((struct str){text, len}, STR("hunter"), NULL));
    CHECK(tcgetattr(terminal.theirs, &after) == 0 && after.c_lflag == before.c_lflag);
    close(ends[0]);
    close(ends[1]);
}

TEST(cli_read_secret, reads_a_line_without_echo_and_gives_the_terminal_back)
{
    check_typed("hunter2\r", "ok:hunter2");
    check_typed("hunter\x7f\x7f"
                "xy\n",
                "ok:huntxy");
    check_typed("wrong\x15"
                "hunter3\n",
                "ok:hunter3");
    check_typed("hunter\x03", "cancelled:");
    check_typed("\n", "invalid:");
}

static void check_piped(const char *bytes, const char *expected)
{
    int in[2], out[2];
    CHECK(pipe(in) == 0 && pipe(out) == 0);
    CHECK_OK(cli_write(in[1], str_from_c(bytes)));
    close(in[1]);
    check_said(read_in_child(in[0], out[1]), out[0], expected);
    close(in[0]);
    close(out[0]);
    close(out[1]);
}

TEST(cli_read_secret, reads_a_line_from_a_pipe)
{
    check_piped("hunter2\nsecond\n", "ok:hunter2");
    check_piped("hunter2", "ok:hunter2");
    check_piped("", "invalid:");
}

TEST(cli_read_secret, refuses_more_than_its_limit)
{
    char bytes[CLI_SECRET_MAX + 2];
    memset(bytes, 'x', sizeof(bytes));
    bytes[CLI_SECRET_MAX + 1] = '\0';
    check_piped(bytes, "invalid:");
}
