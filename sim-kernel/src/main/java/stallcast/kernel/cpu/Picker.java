package stallcast.kernel.cpu;

import stallcast.kernel.engine.Stateful;

/**
 * What the core scheduler asks for the next task, in order of precedence: a class of tasks, or a
 * server that puts tasks of a class before those of others.
 */
public interface Picker extends Stateful {

  /** Called when the CPU is about to pick and {@code prev} ran last: may pull tasks here. */
  void balance(int cpu, int prev);

  /** The task to run, or {@link Scheduler#IDLE}. */
  int pick(int cpu);
}
