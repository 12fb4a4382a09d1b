// Thread work on musl: mutexes, conditions, thread-local data, signals, sockets, timers, cancellation.
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <threads.h>
#include <unistd.h>

enum { kThreads = 16, kRounds = 2000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long total;
static int ready;
static _Thread_local long mine = 100;
static volatile sig_atomic_t signals;

static void *add(void *number) {
  for (int i = 0; i < kRounds; i++) {
    mine++;
    errno = (int)(long)number;
    pthread_mutex_lock(&lock);
    total += errno == (int)(long)number;
    pthread_mutex_unlock(&lock);
  }
  pthread_mutex_lock(&lock);
  ready++;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
  return (void *)mine;
}

static void many_threads(void) {
  pthread_t threads[kThreads];
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  for (long i = 0; i < kThreads; i++)
    if (pthread_create(&threads[i], i % 2 ? &attributes : NULL, add, (void *)i) != 0) abort();
  pthread_mutex_lock(&lock);
  while (ready < kThreads) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  long locals = 0;
  for (int i = 0; i < kThreads; i++) {
    void *result;
    pthread_join(threads[i], &result);
    locals += (long)result;
  }
  printf("total %ld, thread-local %ld, mine %ld\n", total, locals, mine);
}

static void on_signal(int number) { signals += number == SIGUSR1; }

static void cleanup(void *text) { puts(text); }

static void *sleep_forever(void *unused) {
  (void)unused;
  pthread_cleanup_push(cleanup, "cancelled and cleaned up");
  for (;;) sleep(10);
  pthread_cleanup_pop(0);
  return NULL;
}

static void cancel_and_signal(void) {
  pthread_t thread;
  void *result;
  pthread_create(&thread, NULL, sleep_forever, NULL);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  signal(SIGUSR1, on_signal);
  pthread_kill(pthread_self(), SIGUSR1);
  printf("cancelled %d, signals %d\n", result == PTHREAD_CANCELED, (int)signals);
}

static int c11_thread(void *socket) {
  char text[32] = "";
  ssize_t length = read(*(int *)socket, text, sizeof text - 1);
  printf("a C11 thread read %zd bytes: %s\n", length, text);
  return 9;
}

static void sockets(void) {
  int pair[2], result;
  thrd_t thread;
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  thrd_create(&thread, c11_thread, &pair[1]);
  if (write(pair[0], "over a socket", 13) != 13) abort();
  thrd_join(thread, &result);
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET}, *found;
  int error = getaddrinfo("localhost", "80", &hints, &found);
  printf("joined %d, localhost %s\n", result, error ? gai_strerror(error) : "found");
  if (error == 0) freeaddrinfo(found);
}

int main(void) {
  many_threads();
  cancel_and_signal();
  sockets();
  sem_t semaphore;
  sem_init(&semaphore, 0, 1);
  printf("semaphore %d %d\n", sem_trywait(&semaphore), sem_trywait(&semaphore) == -1 && errno == EAGAIN);
  return 0;
}
