package stallcast.kernel.engine;

/** A part of a host whose mutable state can be copied out and put back. */
public interface Stateful {

  /** Appends the complete mutable state. */
  void save(StateBuffer out);

  /** Takes back exactly what {@link #save} appended. */
  void restore(StateBuffer in);
}
