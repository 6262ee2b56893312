/* Where any thread leaves work for the event thread, which sleeps here. Private. */
#ifndef LIB_HTTP_MAILBOX_H
#define LIB_HTTP_MAILBOX_H

#include "lib/http/workers.h"

struct mailbox;

/* NULL when the system gives no more descriptors. */
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *mailbox);
/* Any thread; the last put may be followed by mailbox_free as soon as it is taken. */
void mailbox_put(struct mailbox *mailbox, struct work *work);
/* Any thread: ends the sleep, or the next one. */
void mailbox_wake(struct mailbox *mailbox);
/* All there is, in order. */
struct work *mailbox_take(struct mailbox *mailbox);
enum { MAILBOX_FDS = 2 };
/* Sleeps until there is something, one of `fds` can be read (NULL: there are none), or the time is
 * over (-1: never). */
void mailbox_sleep(struct mailbox *mailbox, const int fds[MAILBOX_FDS], int timeout_ms);

#endif
