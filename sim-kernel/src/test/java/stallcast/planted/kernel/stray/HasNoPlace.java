package stallcast.planted.kernel.stray;

/** Planted: lives in a package that the order does not list. */
public final class HasNoPlace {
  int value = 1;
}
