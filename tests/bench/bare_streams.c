/*
 * The baseline of the streams: a bare libmicrohttpd that tells all of them the same when it is
 * asked to. One thread, epoll, suspended while there is nothing to say.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/bench/process.h"

/* As long as a fact's event. */
enum { EVENT_BYTES = 620, POOL_BYTES = 4096, BLOCK_BYTES = 1024, CONNECTIONS_MAX = 20000 };

struct bare_stream {
    struct bare *bare;
    struct MHD_Connection *connection;
    struct bare_stream *next;
    unsigned told;
    bool asleep;
};

/* All of it on the one thread. */
struct bare {
    struct bare_stream *streams;
    unsigned events;
    char event[EVENT_BYTES];
};

static ssize_t tell(void *self, uint64_t at, char *bytes, size_t max_bytes)
{
    struct bare_stream *stream = self;
    (void)at;
    if (stream->told < stream->bare->events && max_bytes >= EVENT_BYTES) {
        stream->told++;
        memcpy(bytes, stream->bare->event, EVENT_BYTES);
        return EVENT_BYTES;
    }
    stream->asleep = true;
    MHD_suspend_connection(stream->connection);
    return 0;
}

static enum MHD_Result answer_stream(struct bare *bare, struct MHD_Connection *connection)
{
    struct bare_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        abort();
    *stream = (struct bare_stream){.bare = bare, .connection = connection, .next = bare->streams};
    stream->told = bare->events ? bare->events - 1 : 0;
    bare->streams = stream;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, tell, stream, NULL);
    MHD_add_response_header(response, "Content-Type", "text/event-stream");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_push(struct bare *bare, struct MHD_Connection *connection)
{
    bare->events++;
    for (struct bare_stream *each = bare->streams; each; each = each->next) {
        if (each->asleep)
            MHD_resume_connection(each->connection);
        each->asleep = false;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

/* lint: parameters: the library calls it so */
static enum MHD_Result handle(void *self, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    static char seen;
    (void)method;
    (void)version;
    (void)upload;
    (void)upload_size;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    return strcmp(url, "/push") == 0 ? answer_push(self, connection)
                                     : answer_stream(self, connection);
}

static void serve(int port_fd)
{
    struct bare bare = {.events = 1};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    memset(bare.event, 'x', EVENT_BYTES);
    memcpy(bare.event, "event: fact\ndata: ", 18);
    memcpy(bare.event + EVENT_BYTES - 2, "\n\n", 2);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
                         handle, &bare, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_END);
    if (!daemon)
        _exit(1);
    int port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    if (write(port_fd, &port, sizeof(port)) != (ssize_t)sizeof(port))
        _exit(1);
    for (;;)
        pause();
}

struct process process_bare_streams(void)
{
    struct process process = {0};
    int fds[2];
    fflush(stdout);
    if (pipe(fds) != 0 || (process.pid = fork()) < 0)
        bench_fail("no process can be made");
    if (process.pid == 0)
        serve(fds[1]);
    close(fds[1]);
    if (read(fds[0], &process.port, sizeof(process.port)) != (ssize_t)sizeof(process.port))
        bench_fail("the bare server did not start");
    close(fds[0]);
    return process;
}
