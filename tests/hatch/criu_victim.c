// A program to be dumped and restored by CRIU: state in every kind of memory, changed and told on
// demand. Started with ordinary files as stdio (criu_trip.c does), nothing keeps CRIU from dumping
// it. It prints "ready" and then obeys signals:
//     SIGUSR1  counts on and prints "count N heap SUM clock C"; C is 1 if time has not gone back
//     SIGUSR2  calls ldseal_reseal() and prints "reseal RESULT", or "reseal missing" without it
//     SIGTERM  prints "end" and exits with status 7
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

long step(void);  // criu_library.c

enum { kHeapBytes = 1 << 20, kDescriptors = 256, kExitStatus = 7 };

static sem_t asked, answered;
static _Thread_local long count = 100;
static long told;
static unsigned char* heap;
static struct timespec last;

// The count lives in the thread's own TLS; only this thread touches it.
static void* count_on_demand(void* unused) {
  for (;;) {
    while (sem_wait(&asked) != 0) continue;
    count += step();
    told = count;
    sem_post(&answered);
  }
  return unused;
}

static unsigned long heap_sum(void) {
  unsigned long sum = 0;
  for (int i = 0; i < kHeapBytes; i++) sum = 31 * sum + heap[i];
  return sum;
}

static int clock_goes_forward(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  int forward =
      now.tv_sec > last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec >= last.tv_nsec);
  last = now;
  return forward;
}

static void tell(void) {
  sem_post(&asked);
  while (sem_wait(&answered) != 0) continue;
  dprintf(1, "count %ld heap %lx clock %d\n", told, heap_sum(), clock_goes_forward());
}

static void reseal(void) {
  int (*function)(void);
  *(void**)&function = dlsym(RTLD_DEFAULT, "ldseal_reseal");
  if (function == NULL)
    dprintf(1, "reseal missing\n");
  else
    dprintf(1, "reseal %d\n", function());
}

static void prepare(sigset_t* obeyed) {
  sigemptyset(obeyed);
  sigaddset(obeyed, SIGUSR1);
  sigaddset(obeyed, SIGUSR2);
  sigaddset(obeyed, SIGTERM);
  pthread_sigmask(SIG_BLOCK, obeyed, NULL);
  setsid();
  prctl(PR_SET_PDEATHSIG,
        SIGKILL);  // CRIU restores this too: whoever started it never leaves it behind
  for (int descriptor = 3; descriptor < kDescriptors; descriptor++) close(descriptor);
  heap = malloc(kHeapBytes);
  for (int i = 0; i < kHeapBytes; i++) heap[i] = (unsigned char)(i * 7 + i / 251);
  sem_init(&asked, 0, 0);
  sem_init(&answered, 0, 0);
  pthread_t thread;
  if (pthread_create(&thread, NULL, count_on_demand, NULL) != 0) abort();
}

int main(void) {
  sigset_t obeyed;
  prepare(&obeyed);
  dprintf(1, "ready\n");
  for (;;) {
    int signal_number = 0;
    if (sigwait(&obeyed, &signal_number) != 0) continue;
    if (signal_number == SIGUSR1) tell();
    if (signal_number == SIGUSR2) reseal();
    if (signal_number == SIGTERM) break;
  }
  dprintf(1, "end\n");
  return kExitStatus;
}
