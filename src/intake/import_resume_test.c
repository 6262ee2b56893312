/* Imports that are stopped, killed, and go on. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/intake/import_files.h"
#include "src/intake/intake_test.h"

/* ---- stopping and going on ---- */

static const char *many_lines(struct desk *desk, int orders)
{
    struct buf buf;
    buf_init(&buf, &desk->world.arena, 16 * 1024 * 1024);
    buf_add(&buf, STR("Order,Day,Key,Article,Units,Total\n"));
    for (int i = 0; i < orders; i++)
        for (int j = 0; j < 3; j++)
            buf_format(&buf, "N%d,2024-03-0%d,%d,X%d,%d,%d.25\n", i, i % 9 + 1, i % 2 + 1, j, j + 1,
                       i % 50 + j);
    return arena_cstr(&desk->world.arena, buf_str(&buf));
}

static bool stop_at(void *self, int64_t rows_done, int64_t rows)
{
    (void)rows;
    return rows_done < *(const int64_t *)self;
}

static bool die_at(void *self, int64_t rows_done, int64_t rows)
{
    (void)rows;
    if (rows_done >= *(const int64_t *)self)
        raise(SIGKILL);
    return true;
}

static void create_many(struct desk *desk, int orders)
{
    desk_clear(desk);
    desk_add_text(desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(desk, "lines.csv", many_lines(desk, orders), LINES_MAPPING);
    desk_create(desk);
}

TEST(import, is_cancelled_between_batches_and_goes_on)
{
    struct desk desk;
    int64_t limit = 2500;
    struct import_watch watch = {stop_at, &limit, false};
    desk_open(&desk);
    create_many(&desk, 3000);
    CHECK_ERR(ERR_CANCELLED, import_apply(desk_ctx(&desk), desk.import.id, &watch));
    desk_reload(&desk);
    CHECK_INT(IMPORT_CANCELLED, desk.import.state);
    CHECK(desk.import.rows_done >= limit && desk.import.rows_done < desk.import.rows);
    CHECK_INT(desk.import.rows_done, import_rows_total(&desk.import.outcome));
    CHECK_OK(import_apply(desk_ctx(&desk), desk.import.id, NULL));
    desk_reload(&desk);
    CHECK_INT(IMPORT_APPLIED, desk.import.state);
    CHECK_INT(9002, import_rows_total(&desk.import.outcome));
    CHECK_INT(3000, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(9000, desk_facts(&desk, FACT_ITEM));
    CHECK_INT(desk_amount(&desk, FACT_ITEM), desk_amount(&desk, FACT_ORDER));
    desk_close(&desk);
}

TEST(import, goes_on_exactly_where_a_killed_process_left_it)
{
    struct desk desk;
    int64_t limit;
    desk_open(&desk);
    create_many(&desk, 3000);
    for (limit = 2000; limit < 9000; limit += 2500) {
        struct import_watch watch = {die_at, &limit, false};
        desk_detach(&desk);
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            desk_attach(&desk);
            enum err err = import_apply(desk_ctx(&desk), desk.import.id, &watch);
            _exit(err == OK ? 0 : 1);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        desk_attach(&desk);
        desk_reload(&desk);
        CHECK_INT(IMPORT_APPLYING, desk.import.state);
        CHECK_INT(desk.import.rows_done, import_rows_total(&desk.import.outcome));
    }
    CHECK_OK(import_apply(desk_ctx(&desk), desk.import.id, NULL));
    desk_reload(&desk);
    CHECK_INT(9002, desk.import.outcome.created);
    CHECK_INT(0, desk.import.outcome.unchanged);
    CHECK_INT(3000, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(9000, desk_facts(&desk, FACT_ITEM));
    CHECK_INT(desk_amount(&desk, FACT_ITEM), desk_amount(&desk, FACT_ORDER));
    desk_close(&desk);
}

TEST(import, does_not_go_on_with_a_file_that_has_changed)
{
    struct desk desk;
    int64_t limit = 100;
    struct import_watch watch = {stop_at, &limit, false};
    desk_open(&desk);
    create_many(&desk, 3000);
    CHECK_ERR(ERR_CANCELLED, import_apply(desk_ctx(&desk), desk.import.id, &watch));
    CHECK(truncate(desk.import.files[1].path.ptr, 1000) == 0);
    CHECK_ERR(ERR_CONFLICT, import_apply(desk_ctx(&desk), desk.import.id, NULL));
    desk_reload(&desk);
    CHECK_INT(IMPORT_FAILED, desk.import.state);
    CHECK(desk.import.error.len > 0);
    desk_undo(&desk);
    CHECK_INT(0, desk_facts(&desk, FACT_ORDER));
    desk_close(&desk);
}

static enum err queue(struct ctx *ctx, void *arg)
{
    const struct import_id *id = arg;
    return import_move(ctx, *id, IMPORT_QUEUED);
}

TEST(intake, applies_in_the_background_what_is_queued)
{
    struct desk desk;
    desk_open(&desk);
    create_many(&desk, 1000);
    struct intake *intake = intake_new(&desk.world.services);
    CHECK_OK(ctx_write(desk_ctx(&desk), queue, &desk.import.id));
    intake_wake(intake);
    for (int i = 0; i < 600 && desk.import.state != IMPORT_APPLIED; i++) {
        poll(NULL, 0, 50);
        desk_reload(&desk);
    }
    intake_free(intake);
    CHECK_INT(IMPORT_APPLIED, desk.import.state);
    CHECK_INT(1000, desk_facts(&desk, FACT_ORDER));
    desk_close(&desk);
}

static enum err sweep(struct ctx *ctx, void *arg)
{
    (void)arg;
    return import_files_sweep(ctx);
}

static enum err keep_copy(struct desk *desk, struct import_file *file)
{
    int fd = open(desk_write(desk, "x.csv", desk_shops), O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    *file = (struct import_file){.name = STR("x.csv")};
    enum err err = import_keep_file(desk_ctx(desk), fd, file);
    close(fd);
    return err;
}

TEST(intake, sweeps_old_copies_that_no_import_needs)
{
    struct desk desk;
    struct import_file needed, lost;
    desk_open(&desk);
    CHECK_OK(keep_copy(&desk, &needed));
    CHECK_OK(keep_copy(&desk, &lost));
    desk_clear(&desk);
    desk_add(&desk, needed.path.ptr, SHOPS_MAPPING);
    desk.files[0].owned = true;
    desk_create(&desk);
    world_set_now(&desk.world, 0);
    CHECK_OK(ctx_read(desk_ctx(&desk), sweep, NULL));
    CHECK_INT(0, access(lost.path.ptr, F_OK));
    struct clock clock = clock_system();
    world_set_now(&desk.world, clock_now_ms(&clock) + 2 * (int64_t)MS_PER_DAY);
    CHECK_OK(ctx_read(desk_ctx(&desk), sweep, NULL));
    CHECK_INT(0, access(needed.path.ptr, F_OK));
    CHECK(access(lost.path.ptr, F_OK) != 0);
    desk_close(&desk);
}
