import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import java.util.zip.*;

public class Work {
  static int depth(int n) { return 1 + depth(n + 1); }

  public static void main(String[] arguments) throws Exception {
    System.out.println("arguments " + String.join(",", arguments));
    ExecutorService pool = Executors.newFixedThreadPool(4);
    int total = 0;
    for (Future<Integer> f : pool.invokeAll(IntStream.range(0, 100).mapToObj(i -> (Callable<Integer>) () -> i).collect(Collectors.toList()))) total += f.get();
    pool.shutdown();
    System.out.println("threads " + total);
    try { depth(0); } catch (StackOverflowError error) { System.out.println("caught stack overflow"); }
    try { Object nothing = null; nothing.toString(); } catch (NullPointerException error) { System.out.println("caught null"); }
    System.out.println(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest("abc".getBytes())));
    CRC32 crc = new CRC32(); crc.update("abc".getBytes()); System.out.println(crc.getValue());
    Files.writeString(Path.of("written"), "text"); System.out.println(Files.readString(Path.of("written")));
    System.out.println(new String(new ProcessBuilder("echo", "child").start().getInputStream().readAllBytes()).trim());
  }
}
