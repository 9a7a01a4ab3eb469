/** The real-time class and its bandwidth. */
package stallcast.kernel.rt;
