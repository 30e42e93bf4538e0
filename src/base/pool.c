/*
 * base/pool: fork and join. Workers take pieces of [0, n) from a shared counter until none is left; the caller works
 * too. Which worker gets which piece varies from run to run, so a job must write each item's result to the item's own
 * place. A thread that cannot be started is done without.
 */
#include "logdetect/base.h"

#include <pthread.h>
#include <stdatomic.h>

struct lgd_pool {
    pthread_t *threads;
    size_t n_threads; /* started, without the caller */
    pthread_mutex_t lock;
    pthread_cond_t start, done;
    uint64_t job;   /* number of the current job; workers wait for the next */
    size_t working; /* workers that have not finished the current job */
    bool stop;
    lgd_pool_work work;
    void *ctx;
    size_t n, grain;
    _Atomic size_t next;
};

typedef struct worker_start {
    lgd_pool *pool;
    size_t number;
} worker_start;

static void take_pieces(lgd_pool *p, size_t worker) {
    for (;;) {
        size_t begin = atomic_fetch_add(&p->next, p->grain);
        if (begin >= p->n) return;
        size_t end = p->n - begin < p->grain ? p->n : begin + p->grain;
        p->work(p->ctx, begin, end, worker);
    }
}

static void *worker_main(void *argument) {
    worker_start start = *(worker_start *)argument;
    lgd_free(argument);
    lgd_pool *p = start.pool;
    uint64_t seen = 0;
    for (;;) {
        pthread_mutex_lock(&p->lock);
        while (!p->stop && p->job == seen) pthread_cond_wait(&p->start, &p->lock);
        seen = p->job;
        bool stop = p->stop;
        pthread_mutex_unlock(&p->lock);
        if (stop) return NULL;
        take_pieces(p, start.number);
        pthread_mutex_lock(&p->lock);
        if (--p->working == 0) pthread_cond_signal(&p->done);
        pthread_mutex_unlock(&p->lock);
    }
}

static bool start_worker(lgd_pool *p) {
    worker_start *start = lgd_alloc(sizeof *start);
    if (!start) return false;
    *start = (worker_start){p, p->n_threads + 1};
    if (pthread_create(&p->threads[p->n_threads], NULL, worker_main, start) != 0) {
        lgd_free(start);
        return false;
    }
    p->n_threads++;
    return true;
}

lgd_status lgd_pool_new(size_t n_threads, lgd_pool **ret_pool, lgd_err *err) {
    lgd_pool *p = lgd_calloc(1, sizeof *p);
    if (!p) return lgd_fail_memory(err, sizeof *p);
    if (n_threads < 1) n_threads = 1;
    p->threads = lgd_calloc(n_threads, sizeof *p->threads);
    if (!p->threads) {
        lgd_free(p);
        return lgd_fail_memory(err, n_threads * sizeof *p->threads);
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->start, NULL);
    pthread_cond_init(&p->done, NULL);
    while (p->n_threads + 1 < n_threads && start_worker(p)) {
    }
    *ret_pool = p;
    return LGD_OK;
}

void lgd_pool_free(lgd_pool *p) {
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->n_threads; i++) pthread_join(p->threads[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->start);
    pthread_cond_destroy(&p->done);
    lgd_free(p->threads);
    lgd_free(p);
}

size_t lgd_pool_size(const lgd_pool *p) { return p ? p->n_threads + 1 : 1; }

void lgd_pool_run(lgd_pool *p, size_t n, size_t grain, lgd_pool_work work, void *ctx) {
    if (n == 0) return;
    if (grain == 0) grain = 1;
    if (!p || p->n_threads == 0 || n <= grain) {
        work(ctx, 0, n, 0);
        return;
    }
    pthread_mutex_lock(&p->lock);
    p->work = work;
    p->ctx = ctx;
    p->n = n;
    p->grain = grain;
    atomic_store(&p->next, 0);
    p->working = p->n_threads;
    p->job++;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    take_pieces(p, 0);
    pthread_mutex_lock(&p->lock);
    while (p->working) pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}
