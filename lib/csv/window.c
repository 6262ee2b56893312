/* Reads a file piece by piece and keeps no more than the row that is being read. */
#include "lib/csv/window.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/csv/encoding.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static enum err read_file(const struct window *window, int64_t offset_bytes, char *piece,
                          size_t wanted)
{
    for (size_t done = 0; done < wanted;) {
        ssize_t got =
            pread(window->fd, piece + done, wanted - done, (off_t)(offset_bytes + (int64_t)done));
        if (got < 0 && errno == EINTR)
            continue;
        /* A file that became shorter is no file to import. */
        if (got <= 0)
            return ERR_IO;
        done += (size_t)got;
    }
    return OK;
}

enum err window_read(const struct window *window, int64_t offset_bytes, char *piece,
                     size_t max_bytes, size_t *ret_len)
{
    int64_t left = window->size_bytes - offset_bytes;
    size_t wanted = left > 0 ? smaller(max_bytes, (size_t)left) : 0;
    if (window->fd >= 0)
        TRY(read_file(window, offset_bytes, piece, wanted));
    else if (wanted)
        memcpy(piece, window->bytes.ptr + offset_bytes, wanted);
    *ret_len = wanted;
    return OK;
}

void window_place(struct window *window, int64_t offset_bytes)
{
    window->at = window->len = 0;
    window->offset_bytes = window->read_bytes = offset_bytes;
}

bool window_is_last(const struct window *window)
{
    return window->read_bytes >= window->size_bytes;
}

bool window_is_full(const struct window *window)
{
    return window->len - window->at > window->max_bytes;
}

struct str window_text(const struct window *window)
{
    if (window->len == window->at)
        return (struct str){NULL, 0};
    return (struct str){window->text + window->at, window->len - window->at};
}

static void make_room(struct window *window)
{
    size_t kept = window->len - window->at;
    if (kept && window->at)
        memmove(window->text, window->text + window->at, kept);
    window->at = 0;
    window->len = kept;
    size_t needed = kept + (size_t)WINDOW_PIECE_BYTES * ENCODING_GROWTH;
    if (needed <= window->cap)
        return;
    window->cap = needed + kept;
    window->text = realloc(window->text, window->cap);
    if (!window->text)
        abort();
}

enum err window_more(struct window *window, struct fault *fault)
{
    char piece[WINDOW_PIECE_BYTES];
    size_t got = 0, len = 0;
    assert(!window_is_full(window) && !window_is_last(window));
    make_room(window);
    if (window_read(window, window->read_bytes, piece, sizeof(piece), &got) != OK) {
        enum err err = fault_set(fault, ERR_IO, "file_unreadable", "The file cannot be read.");
        fault_add_detail(fault, "pread: %s", errno ? strerror(errno) : "end of file");
        return err;
    }
    bool is_last = window->read_bytes + (int64_t)got >= window->size_bytes;
    size_t taken = encoding_decode(window->encoding, (struct str){piece, got}, is_last,
                                   window->text + window->len, &len);
    window->len += len;
    window->read_bytes += (int64_t)taken;
    return OK;
}

void window_skip(struct window *window, size_t len)
{
    struct str used = str_slice(window_text(window), 0, len);
    window->offset_bytes += (int64_t)encoding_source_bytes(window->encoding, used);
    if (window->offset_bytes > window->size_bytes)
        window->offset_bytes = window->size_bytes;
    window->at += len;
}

void window_finish(struct window *window)
{
    free(window->text);
}
