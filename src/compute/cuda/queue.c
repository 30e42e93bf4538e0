/*
 * compute/cuda/queue: a bounded ring under one lock.
 *
 * The caller sleeps in poll() on an eventfd, because that takes a span of time: the library reads no clock. The span is
 * cut into slices and only quiet slices count, so that a process that was stopped or a machine that was suspended for an
 * hour is not mistaken for a GPU that does not answer: at most one slice passes meanwhile.
 *
 * Once abandoned, the queue and all that the other thread may still touch is left to that thread. Should it ever come back
 * it finds `abandoned`, leaves what it had of the GPU as it is, and the last one to leave frees what is of this process.
 */
#include "queue.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SLICES = 16 };

lgd_status gpu_queue_init(gpu_queue *q, unsigned patience_ms, lgd_err *err) {
    q->patience_ms = patience_ms;
    q->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (q->wake < 0) return lgd_fail(err, LGD_E_DEVICE, "GPU: no descriptor to wait on: %s", strerror(errno));
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->more, NULL);
    return LGD_OK;
}

void gpu_queue_release(gpu_queue *q) {
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->more);
    (void)close(q->wake);
}

/* ---- the caller's side ---- */

/* Sleeps for a slice. True: something woke us. */
static bool nap(const gpu_queue *q) {
    struct pollfd fd = {.fd = q->wake, .events = POLLIN};
    uint64_t n = 0;
    unsigned slice_ms = q->patience_ms / SLICES;
    if (poll(&fd, 1, slice_ms ? (int)slice_ms : 1) == 0) return false;
    return read(q->wake, &n, sizeof n) >= 0 || errno == EAGAIN || errno == EINTR;
}

static void keep_reason(gpu_queue *q, const lgd_err *why) {
    if (!q->failed) q->why = *why;
    q->failed = true;
}

static void abandon(gpu_queue *q) {
    lgd_err why = {0};
    (void)lgd_fail(&why, LGD_E_DEVICE, "GPU: no answer for %g s", (double)q->patience_ms / 1000);
    keep_reason(q, &why);
    q->abandoned = true;
}

typedef bool condition(const gpu_queue *q, uint64_t ticket);

static bool has_room(const gpu_queue *q, uint64_t ticket) {
    (void)ticket;
    return q->n < GPU_QUEUE_LENGTH;
}
static bool is_reached(const gpu_queue *q, uint64_t ticket) { return q->failed || q->reached >= ticket; }
static bool is_closed(const gpu_queue *q, uint64_t ticket) {
    (void)ticket;
    return q->closed;
}

/* Under the lock, which is open while it sleeps. False: the other side was abandoned. */
static bool await(gpu_queue *q, condition *is_met, uint64_t ticket) {
    uint64_t seen = q->progress;
    unsigned quiet = 0;
    while (!q->abandoned && !is_met(q, ticket)) {
        q->waiting = true;
        pthread_mutex_unlock(&q->lock);
        bool woken = nap(q);
        pthread_mutex_lock(&q->lock);
        q->waiting = false;
        if (q->progress != seen)
            quiet = 0;
        else if (!woken && ++quiet == SLICES && !is_met(q, ticket)) /* it may be since we woke */
            abandon(q);
        seen = q->progress;
    }
    return !q->abandoned;
}

bool gpu_queue_put(gpu_queue *q, const gpu_command *c) {
    pthread_mutex_lock(&q->lock);
    bool put = await(q, has_room, 0) && !q->failed;
    if (put) {
        q->ring[(q->first + q->n++) % GPU_QUEUE_LENGTH] = *c;
        pthread_cond_signal(&q->more);
    }
    pthread_mutex_unlock(&q->lock);
    return put;
}

bool gpu_queue_wait(gpu_queue *q, uint64_t ticket) {
    pthread_mutex_lock(&q->lock);
    bool reached = await(q, is_reached, ticket) && !q->failed;
    pthread_mutex_unlock(&q->lock);
    return reached;
}

bool gpu_queue_close(gpu_queue *q) {
    pthread_mutex_lock(&q->lock);
    q->closing = true;
    pthread_cond_signal(&q->more);
    bool closed = await(q, is_closed, 0);
    pthread_mutex_unlock(&q->lock);
    return closed;
}

lgd_status gpu_queue_status(gpu_queue *q, lgd_err *err) {
    pthread_mutex_lock(&q->lock);
    lgd_status status = q->failed ? lgd_fail(err, q->why.status, "%s", q->why.text) : LGD_OK;
    pthread_mutex_unlock(&q->lock);
    return status;
}

bool gpu_queue_leave(gpu_queue *q) {
    pthread_mutex_lock(&q->lock);
    bool is_last = q->left;
    q->left = true;
    pthread_mutex_unlock(&q->lock);
    return is_last;
}

/* ---- the device's side ---- */

static void wake(gpu_queue *q) {
    uint64_t one = 1;
    if (!q->waiting) return;
    q->waiting = false;
    /* It cannot fail: the counter is far from full. If it did, the caller would look again after its slice. */
    ssize_t n = write(q->wake, &one, sizeof one);
    (void)n;
}

void gpu_queue_fail(gpu_queue *q, const lgd_err *why) {
    pthread_mutex_lock(&q->lock);
    keep_reason(q, why);
    q->progress++;
    wake(q);
    pthread_mutex_unlock(&q->lock);
}

bool gpu_queue_listens(gpu_queue *q) {
    pthread_mutex_lock(&q->lock);
    bool listens = !q->abandoned;
    pthread_mutex_unlock(&q->lock);
    return listens;
}

gpu_taken gpu_queue_take(gpu_queue *q, bool may_sleep, gpu_command *ret) {
    gpu_taken taken = GPU_NOTHING;
    pthread_mutex_lock(&q->lock);
    while (may_sleep && q->n == 0 && !q->closing && !q->abandoned) pthread_cond_wait(&q->more, &q->lock);
    if (q->abandoned) {
        taken = GPU_END;
    } else if (q->n > 0) {
        *ret = q->ring[q->first];
        q->first = (q->first + 1) % GPU_QUEUE_LENGTH;
        if (q->n-- == GPU_QUEUE_LENGTH) wake(q);
        q->progress++;
        taken = q->failed ? GPU_DROP : GPU_COMMAND;
    } else if (q->closing) {
        taken = GPU_END;
    }
    pthread_mutex_unlock(&q->lock);
    return taken;
}

bool gpu_queue_advance(gpu_queue *q, uint64_t ticket) {
    pthread_mutex_lock(&q->lock);
    bool heard = !q->abandoned;
    q->progress++;
    if (ticket > q->reached) {
        q->reached = ticket;
        wake(q);
    }
    pthread_mutex_unlock(&q->lock);
    return heard;
}

bool gpu_queue_end(gpu_queue *q) {
    pthread_mutex_lock(&q->lock);
    bool heard = !q->abandoned;
    q->closed = true;
    q->progress++;
    wake(q);
    pthread_mutex_unlock(&q->lock);
    return heard;
}
