/* A disk and a clock that misbehave on request, loaded into a server by LD_PRELOAD. The file that FAULTS_CONTROL names holds
 * three 32-bit integers: whether the disk is full, by how many milliseconds a sync is late, by how many seconds the wall
 * clock is off. Only regular files are touched, so that sockets and the log go on. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile const int32_t *control;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("FAULTS_CONTROL");
  const int file = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, 3 * sizeof(int32_t), PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) control = mapped;
  close(file);
}

static int is_file(int file) {
  struct stat status;
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}
static int is_full(int file) {
  if (control == NULL || control[0] == 0 || !is_file(file)) return 0;
  errno = ENOSPC;
  return 1;
}
static void be_late(void) {
  if (control == NULL || control[1] == 0) return;
  const struct timespec pause = {control[1] / 1000, control[1] % 1000 * 1000000L};
  nanosleep(&pause, NULL);
}

ssize_t write(int file, const void *bytes, size_t size) {
  return is_full(file) ? -1 : syscall(SYS_write, file, bytes, size);
}
ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
  return is_full(file) ? -1 : syscall(SYS_pwrite64, file, bytes, size, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset) {
  return is_full(file) ? -1 : syscall(SYS_pwrite64, file, bytes, size, offset);
}
int fsync(int file) {
  be_late();
  return (int)syscall(SYS_fsync, file);
}
int fdatasync(int file) {
  be_late();
  return (int)syscall(SYS_fdatasync, file);
}
int clock_gettime(clockid_t clock, struct timespec *time) {
  const int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && control != NULL && clock == CLOCK_REALTIME) time->tv_sec += control[2];
  return result;
}
