// SPDX-License-Identifier: LGPL-2.1-or-later
// probe in Java; see probe.c.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Instant;

public class Probe {
    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments)
            System.out.println("argument " + argument);
        String variable = System.getenv("VDK_PROBE");
        System.out.println("environment " + (variable == null ? "(unset)" : variable));
        String line = new BufferedReader(new InputStreamReader(System.in)).readLine();
        System.out.println("input " + (line == null ? "(nothing)" : line));
        System.out.println("time currentTimeMillis " + System.currentTimeMillis() / 1000);
        System.out.println("time instant " + Instant.now().getEpochSecond());
        long before = System.nanoTime();
        System.out.println("monotonic " + (System.nanoTime() >= before ? "forward" : "backward"));
        System.err.println("a word on standard error");
        System.exit(7);
    }
}
