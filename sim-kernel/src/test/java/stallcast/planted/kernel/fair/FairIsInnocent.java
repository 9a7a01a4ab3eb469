package stallcast.planted.kernel.fair;

/** Planted: breaks no rule; the target of classes that do. */
public final class FairIsInnocent {
  int weight = 1024;
}
