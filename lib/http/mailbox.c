/* A byte in a pipe wakes the sleeper, once for all that is put until it is awake. */
#include "lib/http/mailbox.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct mailbox {
    pthread_mutex_t lock;
    struct work *first;
    struct work **end;
    bool sleeping; /* and not yet woken */
    bool wake;
    int pipe_fds[2];
};

static bool open_pipe(int fds[2])
{
    if (pipe(fds) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    }
    return true;
}

struct mailbox *mailbox_new(void)
{
    struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
    if (!mailbox || pthread_mutex_init(&mailbox->lock, NULL))
        abort();
    mailbox->end = &mailbox->first;
    if (open_pipe(mailbox->pipe_fds))
        return mailbox;
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
    return NULL;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    close(mailbox->pipe_fds[0]);
    close(mailbox->pipe_fds[1]);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

/* Locked, so that the pipe is still there. */
static void wake_sleeper(struct mailbox *mailbox)
{
    if (!mailbox->sleeping)
        return;
    mailbox->sleeping = false;
    if (write(mailbox->pipe_fds[1], "", 1) != 1)
        abort();
}

void mailbox_put(struct mailbox *mailbox, struct work *work)
{
    work->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    *mailbox->end = work;
    mailbox->end = &work->next;
    wake_sleeper(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_wake(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->wake = true;
    wake_sleeper(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}

struct work *mailbox_take(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct work *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->end = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    return first;
}

static bool fall_asleep(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->sleeping = !mailbox->first && !mailbox->wake;
    mailbox->wake = false;
    bool sleeping = mailbox->sleeping;
    pthread_mutex_unlock(&mailbox->lock);
    return sleeping;
}

void mailbox_sleep(struct mailbox *mailbox, const int fds[MAILBOX_FDS], int timeout_ms)
{
    char bytes[8];
    if (!fall_asleep(mailbox))
        return;
    struct pollfd all[MAILBOX_FDS + 1] = {{.fd = mailbox->pipe_fds[0], .events = POLLIN}};
    nfds_t count = 1;
    for (int i = 0; fds && i < MAILBOX_FDS; i++)
        all[count++] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    poll(all, count, timeout_ms);
    pthread_mutex_lock(&mailbox->lock);
    bool woken = !mailbox->sleeping;
    mailbox->sleeping = false;
    mailbox->wake = false;
    pthread_mutex_unlock(&mailbox->lock);
    if (woken && read(mailbox->pipe_fds[0], bytes, sizeof(bytes)) < 1)
        abort();
}
