/* The sign-in that `init` makes up, told at every start until somebody changes it. */
#include "src/app/first_sign_in.h"

#include <unistd.h>

#include "src/account/account.h"
#include "src/app/data.h"

enum { FILE_BYTES_MAX = 1024, GROUPS = 4, GROUP_LETTERS = 4 };

static const char file_name[] = "first-sign-in";

struct str first_password(struct ctx *ctx)
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint8_t random[GROUPS * GROUP_LETTERS];
    char *text = arena_alloc(ctx->arena, GROUPS * (GROUP_LETTERS + 1));
    size_t len = 0;
    entropy_fill(&ctx->services->entropy, random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++) {
        if (i && i % GROUP_LETTERS == 0)
            text[len++] = '-';
        text[len++] = alphabet[random[i] % (sizeof(alphabet) - 1)];
    }
    secret_wipe(random, sizeof(random));
    return (struct str){text, len};
}

enum err first_sign_in_keep(struct ctx *ctx, struct str directory, struct str email,
                            struct str password)
{
    struct str text = arena_format(ctx->arena, "%.*s\n%.*s\n", STR_ARG(email), STR_ARG(password));
    return data_write(data_path(ctx->arena, directory, file_name), text, &ctx->fault);
}

struct sign_in {
    struct str email, password;
};

static enum err check(struct ctx *ctx, void *arg)
{
    const struct sign_in *sign_in = arg;
    struct user_id user;
    return session_check(ctx, sign_in->email, sign_in->password, STR("the server's start"), &user);
}

enum err first_sign_in(struct ctx *ctx, struct str *ret_text)
{
    struct str path = data_path(ctx->arena, ctx->services->data_directory, file_name);
    struct str rest;
    struct sign_in sign_in;
    *ret_text = (struct str){NULL, 0};
    enum err err = data_read(path, FILE_BYTES_MAX, ctx->arena, &rest, &ctx->fault);
    if (err == OK && str_split(&rest, '\n', &sign_in.email) &&
        str_split(&rest, '\n', &sign_in.password)) {
        err = ctx_read(ctx, check, &sign_in);
        if (err == OK)
            *ret_text =
                arena_format(ctx->arena, "Sign in as %.*s with the password %.*s and change it.\n",
                             STR_ARG(sign_in.email), STR_ARG(sign_in.password));
        else if (err == ERR_UNAUTHENTICATED)
            unlink(arena_cstr(ctx->arena, path));
    }
    bool settled = err == ERR_NOT_FOUND || err == ERR_UNAUTHENTICATED;
    if (settled)
        fault_clear(&ctx->fault);
    return settled ? OK : err;
}
