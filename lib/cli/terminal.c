/* The terminal itself: its width, a secret typed on it, and whole writes. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/cli/cli.h"

enum { CTRL_C = 3, CTRL_D = 4, CTRL_U = 21, BACKSPACE = 8, DELETE = 127 };

int cli_terminal_width(int fd)
{
    struct winsize size;
    if (!isatty(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

int cli_terminal_height(int fd)
{
    struct winsize size;
    if (!isatty(fd))
        return 0;
    if (ioctl(fd, TIOCGWINSZ, &size) || size.ws_row == 0)
        return 24;
    return size.ws_row;
}

enum err cli_write(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t written = write(fd, text.ptr, text.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return ERR_IO;
        text = str_slice(text, (size_t)written, text.len);
    }
    return OK;
}

/* A line being typed. */
struct secret {
    char *bytes;
    size_t len;
    bool ended;
    enum err err;
};

static void take_key(struct secret *secret, char key, bool is_terminal)
{
    if (key == '\n' || (is_terminal && (key == '\r' || key == CTRL_D)))
        secret->ended = true;
    else if (is_terminal && key == CTRL_C)
        secret->err = ERR_CANCELLED;
    else if (is_terminal && key == CTRL_U)
        secret->len = 0;
    else if (is_terminal && (key == BACKSPACE || key == DELETE))
        secret->len -= secret->len > 0;
    else if (secret->len == CLI_SECRET_MAX)
        secret->err = ERR_TOO_LARGE;
    else
        secret->bytes[secret->len++] = key;
}

static void read_keys(struct secret *secret, bool is_terminal)
{
    while (!secret->ended && secret->err == OK) {
        char key;
        ssize_t got = read(STDIN_FILENO, &key, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            secret->err = ERR_IO;
        else if (got == 0)
            secret->ended = true;
        else
            take_key(secret, key, is_terminal);
    }
}

/* Keys come one by one and are not obeyed, so that Ctrl-C cannot leave the terminal without echo.
 */
static void read_from_terminal(struct secret *secret, const char *prompt)
{
    struct termios before;
    if (tcgetattr(STDIN_FILENO, &before)) {
        secret->err = ERR_IO;
        return;
    }
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    secret->err = tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) ? ERR_IO : OK;
    if (secret->err == OK)
        secret->err = cli_write(STDERR_FILENO, str_from_c(prompt));
    read_keys(secret, true);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    enum err err = cli_write(STDERR_FILENO, STR("\n"));
    secret->err = secret->err == OK ? err : secret->err;
}

enum err cli_read_secret(const char *prompt, struct arena *arena, struct str *ret_secret,
                         struct fault *fault)
{
    struct secret secret = {.bytes = arena_alloc(arena, CLI_SECRET_MAX + 1)};
    if (isatty(STDIN_FILENO))
        read_from_terminal(&secret, prompt);
    else
        read_keys(&secret, false);
    if (secret.err == ERR_CANCELLED)
        return fault_set(fault, ERR_CANCELLED, "cancelled", "Stopped; nothing was changed.");
    if (secret.err == ERR_TOO_LARGE)
        return fault_set(fault, ERR_INVALID, "secret_too_long", "This is longer than %d bytes.",
                         CLI_SECRET_MAX);
    if (secret.err != OK)
        return fault_set(fault, ERR_IO, "terminal", "The terminal cannot be read.");
    if (!secret.len)
        return fault_set(fault, ERR_INVALID, "secret_missing", "Nothing was entered.");
    *ret_secret = (struct str){secret.bytes, secret.len};
    return OK;
}
