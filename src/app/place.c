/* Where a database is, and who uses it. */
#include "src/app/place.h"

#include <sys/stat.h>
#include <unistd.h>

#include "src/app/data.h"
#include "src/app/keeper.h"

static bool is_directory(struct ctx *ctx, struct str path)
{
    struct stat status;
    return stat(arena_cstr(ctx->arena, path), &status) == 0 && S_ISDIR(status.st_mode);
}

static struct place place_in(struct ctx *ctx, struct str directory)
{
    struct str file = data_path(ctx->arena, directory, "rapport.db");
    return (struct place){arena_format(ctx->arena, "sqlite:%.*s", STR_ARG(file)), directory, true};
}

/* False when it is no path to a file. */
static bool parse_path(struct str text, struct str *ret_path)
{
    struct str scheme = STR("sqlite:");
    if (!str_starts_with(text, scheme) || text.len == scheme.len)
        return false;
    *ret_path = str_slice(text, scheme.len, text.len);
    while (ret_path->len > 1 && ret_path->ptr[ret_path->len - 1] == '/')
        ret_path->len--;
    return true;
}

static bool parse_server(struct ctx *ctx, struct str text, struct place *ret_place)
{
    if (!str_starts_with(text, STR("postgres://")) && !str_starts_with(text, STR("postgresql://")))
        return false;
    *ret_place = (struct place){text, ctx->services->data_directory, false};
    return true;
}

static enum err refuse(struct ctx *ctx, const char *option)
{
    return CTX_FAULT(ctx, ERR_INVALID, "place",
                     "--%s takes sqlite:DIRECTORY, sqlite:FILE or postgres://USER@HOST/DATABASE.",
                     option);
}

static bool in_data_directory(struct str path, struct str *ret_directory)
{
    struct str name = STR("/rapport.db");
    if (!str_ends_with(path, name))
        return false;
    *ret_directory = str_slice(path, 0, path.len - name.len);
    return ret_directory->len > 0;
}

enum err place_parse(struct ctx *ctx, const char *option, struct str text, struct place *ret_place)
{
    struct str path, directory;
    if (parse_server(ctx, text, ret_place))
        return OK;
    if (!parse_path(text, &path))
        return refuse(ctx, option);
    if (is_directory(ctx, path))
        *ret_place = place_in(ctx, path);
    else if (in_data_directory(path, &directory))
        *ret_place = place_in(ctx, directory);
    else
        *ret_place = (struct place){text, {NULL, 0}, true};
    return OK;
}

enum err place_parse_target(struct ctx *ctx, const char *option, struct str text,
                            struct place *ret_place)
{
    struct str path, directory;
    if (parse_server(ctx, text, ret_place))
        return OK;
    if (!parse_path(text, &path))
        return refuse(ctx, option);
    *ret_place = place_in(ctx, in_data_directory(path, &directory) ? directory : path);
    return OK;
}

/* ---- servers ---- */

static enum err in_use(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_CONFLICT, "server_runs",
                     "A server uses this database, and what it records meanwhile would not be in"
                     " the copy. Stop every server first; of one that was killed it takes %d"
                     " seconds until it is known to be gone.",
                     DB_LEASE_MS / 1000);
}

static enum err hold_file(struct ctx *ctx, const struct place *place, int *ret_hold)
{
    int fd, node;
    struct fault ignored;
    *ret_hold = -1;
    if (!place->directory.len)
        return OK;
    TRY(data_take_node(place->directory, &fd, &node, &ctx->fault));
    if (data_take_server(place->directory, fd, &ignored) == OK) {
        *ret_hold = fd;
        return OK;
    }
    close(fd);
    return in_use(ctx);
}

/* Given back at once: held by a process that is killed, it would hold up the next one. */
static enum err check_server(struct ctx *ctx, struct db *db)
{
    bool taken = false;
    TRY(db_lease_take(db, KEEPER_LEADER, &taken, &ctx->fault));
    if (!taken)
        return in_use(ctx);
    db_lease_give(db, KEEPER_LEADER);
    return OK;
}

enum err place_hold(struct ctx *ctx, const struct place *place, struct db *db, int *ret_hold)
{
    if (place->is_file)
        return hold_file(ctx, place, ret_hold);
    *ret_hold = -1;
    return check_server(ctx, db);
}

void place_leave(int hold)
{
    if (hold >= 0)
        close(hold);
}
