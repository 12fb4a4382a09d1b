/* How large the stack of a thread is that was made without attributes: musl takes the largest that an object asks for. */
static void* tell(void* unused) {
  pthread_attr_t attributes;
  void* lowest;
  size_t size;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) give_up("read attributes");
  pthread_attr_getstack(&attributes, &lowest, &size);
  say_number("KiB", (long)(size >> 10));
  return unused;
}

int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, tell, NULL) != 0) give_up("make a thread");
  pthread_join(thread, NULL);
  return 0;
}
