/* The pool of workers and the mailbox: nothing is lost, and what one thread adds keeps its order.
 */
#include <pthread.h>
#include <stdlib.h>

#include "lib/base/time.h"
#include "lib/http/mailbox.h"
#include "lib/http/workers.h"
#include "tests/support/test.h"

enum { PIECES = 20000, WORKERS = 3 };

struct numbered {
    struct work work; /* first: a work is its number */
    int number;
};

struct counter {
    pthread_mutex_t lock;
    int sum;
    int last;
    bool in_order;
    struct mailbox *mailbox;
};

static void count(void *self, struct work *work)
{
    struct counter *counter = self;
    int number = ((struct numbered *)(void *)work)->number;
    pthread_mutex_lock(&counter->lock);
    counter->in_order = counter->in_order && number > counter->last;
    counter->last = number;
    counter->sum += number;
    pthread_mutex_unlock(&counter->lock);
    if (counter->mailbox)
        mailbox_put(counter->mailbox, work);
}

static struct numbered *make_pieces(void)
{
    struct numbered *pieces = calloc(PIECES, sizeof(*pieces));
    CHECK(pieces);
    for (int i = 0; i < PIECES; i++)
        pieces[i].number = i + 1;
    return pieces;
}

/* In lists of one to seven. */
static void add_all(struct workers *workers, struct numbered *pieces)
{
    struct work_list list = {0};
    for (int i = 0; i < PIECES; i++) {
        work_list_add(&list, &pieces[i].work);
        if (list.count > (size_t)i % 7)
            workers_add(workers, &list);
    }
    workers_add(workers, &list);
}

TEST(workers, run_all_that_was_added_before_they_end)
{
    struct counter counter = {.lock = PTHREAD_MUTEX_INITIALIZER, .in_order = true};
    struct numbered *pieces = make_pieces();
    struct workers *workers = workers_new(WORKERS, count, &counter);
    CHECK(workers);
    add_all(workers, pieces);
    workers_free(workers);
    CHECK_INT(PIECES / 2 * (PIECES + 1), counter.sum);
    free(pieces);
}

TEST(workers, keep_the_order_when_there_is_one)
{
    struct counter counter = {.lock = PTHREAD_MUTEX_INITIALIZER, .in_order = true};
    struct numbered *pieces = make_pieces();
    struct workers *workers = workers_new(1, count, &counter);
    CHECK(workers);
    add_all(workers, pieces);
    workers_free(workers);
    CHECK(counter.in_order);
    free(pieces);
}

static int take_some(struct mailbox *mailbox)
{
    int taken = 0;
    for (struct work *work = mailbox_take(mailbox); work; work = work->next)
        taken++;
    return taken;
}

TEST(mailbox, wakes_the_sleeper_for_all_that_is_put)
{
    struct counter counter = {.lock = PTHREAD_MUTEX_INITIALIZER, .mailbox = mailbox_new()};
    struct numbered *pieces = make_pieces();
    struct workers *workers = workers_new(WORKERS, count, &counter);
    CHECK(workers && counter.mailbox);
    add_all(workers, pieces);
    for (int taken = 0; taken < PIECES; taken += take_some(counter.mailbox))
        mailbox_sleep(counter.mailbox, NULL, -1);
    workers_free(workers);
    mailbox_free(counter.mailbox);
    free(pieces);
}

TEST(mailbox, sleeps_no_longer_than_asked)
{
    struct mailbox *mailbox = mailbox_new();
    CHECK(mailbox);
    int64_t begin_ms = monotonic_ms();
    mailbox_sleep(mailbox, NULL, 50);
    CHECK(monotonic_ms() - begin_ms >= 49);
    mailbox_wake(mailbox);
    mailbox_sleep(mailbox, NULL, -1);
    mailbox_free(mailbox);
}
