package stallcast.kernel.fair;

/**
 * Lag that is given to a nominated entity of one queue.
 *
 * <p>Models: {@code eevdf_credit_entity_vlag()} of the third posting of the series of seed 003, as
 * its cover letter describes it. Leaves out: the formula of the margin, which is not public; it is
 * a share of a slice for each queued entity.
 */
final class LagCredit {
  private final FairQueues queues;
  private final Eevdf eevdf;

  LagCredit(FairQueues queues, Eevdf eevdf) {
    this.queues = queues;
    this.eevdf = eevdf;
  }

  /**
   * Gives a queued entity that is not eligible enough lag to be so: a margin, at most what any
   * entity may have. A current one is shifted with its deadline and protection, another one is
   * placed anew.
   *
   * @param marginNs lag to give, ns, &gt;= 0
   * @return whether it was not eligible
   */
  boolean give(int q, int entity, long marginNs) {
    if (eevdf.isEligible(q, entity)) {
      return false;
    }
    long lag = Math.min(queues.virtual(entity, marginNs), eevdf.lagLimit(q, entity));
    if (queues.current[q] == entity) {
      shift(q, entity, lag);
    } else {
      queues.unlink(q, entity);
      queues.vlag[entity] = lag;
      eevdf.place(q, entity, true);
      queues.link(q, entity);
    }
    return true;
  }

  private void shift(int q, int entity, long lag) {
    queues.takeShare(q, entity);
    long own = queues.weight[entity];
    long others = queues.load[q] - own;
    long placed = eevdf.averageWithout(q, own) - lag - lag * own / others;
    long by = placed - queues.vruntime[entity];
    queues.vruntime[entity] = placed;
    queues.deadline[entity] += by;
    queues.vprot[entity] += by;
    queues.addShare(q, entity);
  }
}
