/* `rapport serve`: the HTTP server until a signal ends it. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/http/http.h"
#include "src/app/app.h"
#include "src/app/commands.h"
#include "src/app/data.h"
#include "src/app/dispatch.h"
#include "src/app/first_sign_in.h"
#include "src/app/telemetry.h"
#include "src/core/limits.h"

enum {
    QUICK_WORKERS_MIN = 2,
    SLOW_WORKERS = 2,
    QUEUE_MAX = 4096,
    CONNECTIONS_MAX = 20000,
    CONNECTIONS_PEER_MAX = 10000, /* a reverse proxy or an office is one address */
    HEADER_BYTES_MAX = 16 * 1024,
    PIECE_BYTES = 1024 * 1024,
    HEADER_DEADLINE_MS = 10000,
    BODY_DEADLINE_MS = 30000,
    IDLE_TIMEOUT_MS = 75000,
    HEARTBEAT_MS = 15000, /* under the 30 s and 60 s after which common proxies give up */
    STOP_GRACE_MS = 5000,
    RATE_PER_SECOND = 500,
    PEM_BYTES_MAX = 64 * 1024
};

struct serving {
    struct ctx *ctx;
    const struct command_run *run;
    struct app *app;
    struct log log;
    struct dispatch *dispatch;
    struct http_server *server;
    struct http_options options;
};

static int quick_workers(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > QUICK_WORKERS_MIN ? (int)cores : QUICK_WORKERS_MIN;
}

static enum err read_pem(struct serving *serving, const char *option, struct str *ret_pem)
{
    struct str path = cli_text(serving->run->args, option);
    return data_read(path, PEM_BYTES_MAX, serving->ctx->arena, ret_pem, &serving->ctx->fault);
}

static enum err read_tls(struct serving *serving)
{
    const struct cli_args *args = serving->run->args;
    if (cli_has(args, "tls-cert") != cli_has(args, "tls-key"))
        return CTX_FAULT(serving->ctx, ERR_INVALID, "tls",
                         "Give --tls-cert and --tls-key together.");
    if (!cli_has(args, "tls-cert"))
        return OK;
    TRY(read_pem(serving, "tls-cert", &serving->options.tls_certificate));
    return read_pem(serving, "tls-key", &serving->options.tls_key);
}

static enum err read_log_level(struct serving *serving)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    struct str wanted = cli_text(serving->run->args, "log");
    serving->log = (struct log){STDERR_FILENO, LOG_INFO, clock_system()};
    for (size_t i = 0; wanted.len && i < ARRAY_LEN(names); i++) {
        if (str_equal(wanted, str_from_c(names[i]))) {
            serving->log.least = (enum log_level)i;
            return OK;
        }
    }
    return wanted.len ? CTX_FAULT(serving->ctx, ERR_INVALID, "log",
                                  "--log takes debug, info, warning or error.")
                      : OK;
}

static enum err read_options(struct serving *serving)
{
    const struct cli_args *args = serving->run->args;
    int64_t rate = cli_has(args, "rate") ? cli_int(args, "rate") : RATE_PER_SECOND;
    if (rate < 0 || rate > UINT32_MAX)
        return CTX_FAULT(serving->ctx, ERR_INVALID, "rate", "--rate takes 0 or a positive number.");
    serving->options = (struct http_options){
        .address = cli_has(args, "listen") ? cli_text(args, "listen") : STR("127.0.0.1:8420"),
        .quick_workers = quick_workers(),
        .slow_workers = SLOW_WORKERS,
        .queue_max = QUEUE_MAX,
        .connections_max = CONNECTIONS_MAX,
        .connections_peer_max = CONNECTIONS_PEER_MAX,
        .header_bytes_max = HEADER_BYTES_MAX,
        .arena_bytes_max = LIMIT_ARENA_BYTES,
        .piece_bytes = PIECE_BYTES,
        .header_deadline_ms = HEADER_DEADLINE_MS,
        .body_deadline_ms = BODY_DEADLINE_MS,
        .idle_timeout_ms = IDLE_TIMEOUT_MS,
        .heartbeat_ms = HEARTBEAT_MS,
        .rate_per_second = (uint32_t)rate,
        .trusted_proxy = cli_text(args, "trusted-proxy"),
        .spool_directory = arena_cstr(serving->ctx->arena, serving->ctx->services->data_directory),
    };
    TRY(read_log_level(serving));
    return read_tls(serving);
}

static enum err start(struct serving *serving)
{
    const struct services *services = app_services(serving->app);
    serving->dispatch = dispatch_new(services, &serving->log);
    serving->options.routes = dispatch_routes(serving->dispatch, &serving->options.route_count);
    serving->options.handler = dispatch_handler(serving->dispatch);
    services->telemetry->dispatch = serving->dispatch;
    services->telemetry->started_ms = clock_now_ms(&services->clock);
    TRY(http_server_start(&serving->options, &serving->server, &serving->ctx->fault));
    services->telemetry->server = serving->server;
    return OK;
}

/* The address as a browser takes it: the port may have been chosen by the system. */
static struct str web_address(const struct serving *serving)
{
    struct str host = serving->options.address;
    size_t colon = host.len;
    while (colon > 0 && host.ptr[colon - 1] != ':')
        colon--;
    return arena_format(serving->ctx->arena, "%s://%.*s%d",
                        serving->options.tls_certificate.len ? "https" : "http",
                        STR_ARG(str_slice(host, 0, colon)), http_server_port(serving->server));
}

static enum err announce(struct serving *serving)
{
    struct str sign_in;
    struct ctx ctx;
    ctx_init(&ctx, app_services(serving->app), serving->ctx->arena);
    TRY(first_sign_in(&ctx, &sign_in));
    struct str text =
        arena_format(serving->ctx->arena, "Rapport serves on %.*s\n%.*sStop it with Ctrl-C.\n",
                     STR_ARG(web_address(serving)), STR_ARG(sign_in));
    return cli_write(serving->run->out_fd, text);
}

static void wait_for_end(const struct serving *serving, const sigset_t *signals)
{
    int signal_number;
    while (sigwait(signals, &signal_number))
        ;
    LOG(&serving->log, LOG_INFO, "stopping", LOG_NUMBER("signal", signal_number));
}

static enum err serve(struct serving *serving, const sigset_t *signals)
{
    struct app_options options = {.directory = serving->ctx->services->data_directory,
                                  .db_url = serving->ctx->services->db_url,
                                  .server = true};
    TRY(read_options(serving));
    TRY(app_open(&options, &serving->app, &serving->ctx->fault));
    TRY(start(serving));
    TRY(announce(serving));
    wait_for_end(serving, signals);
    return OK;
}

static enum err run_serve(struct ctx *ctx, struct command_run *run)
{
    struct serving serving = {.ctx = ctx, .run = run};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    /* Before any thread is made, so that none of them is interrupted. */
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    enum err err = serve(&serving, &signals);
    http_server_stop(serving.server, STOP_GRACE_MS);
    app_close(serving.app);
    dispatch_free(serving.dispatch);
    return err;
}

static const struct cli_option serve_options[] = {
    {"listen", CLI_TEXT, "ADDRESS:PORT", "where to listen (default: 127.0.0.1:8420)", false},
    {"tls-cert", CLI_TEXT, "FILE", "certificate chain as PEM; serves HTTPS", false},
    {"tls-key", CLI_TEXT, "FILE", "its private key as PEM", false},
    {"trusted-proxy", CLI_TEXT, "ADDRESS",
     "believe X-Forwarded-For and X-Forwarded-Proto of this address", false},
    {"rate", CLI_INT, "N", "requests a second from one address (default: 500; 0: no limit)", false},
    {"log", CLI_TEXT, "LEVEL", "debug, info, warning or error (default: info)", false},
};
static const struct command serve_rows[] = {
    COMMAND("serve", "", "Serve the page and the HTTP API", run_serve, .without_data = true,
            .options = serve_options, .option_count = ARRAY_LEN(serve_options),
            .notes = "Logs to standard error, one JSON object a line. SIGTERM and Ctrl-C let "
                     "running requests finish."),
};
const struct command_table serve_commands = {serve_rows, ARRAY_LEN(serve_rows)};
