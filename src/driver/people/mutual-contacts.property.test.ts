/** The graph of mutual contacts: its degrees against the distribution, and each edge from both ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normalCdf } from '../../stats/normal-distribution.ts';
import { type ContactDistribution, MutualContacts } from './mutual-contacts.ts';

const shape = fc.record({
  distribution: fc.constant('lognormal' as const),
  median: fc.integer({ min: 1, max: 40 }),
  sigma: fc.double({ min: 0.2, max: 2, noNaN: true }),
  max: fc.integer({ min: 1, max: 200 }),
  choice: fc.constantFrom('zipf' as const, 'uniform' as const),
});
const WIDE: ContactDistribution = { distribution: 'lognormal', median: 40, sigma: 1, max: 500, choice: 'zipf' };

describe('mutual contacts', () => {
  it('are contacts at the same place of each other, never oneself, and seldom the same twice', () => {
    fc.assert(
      fc.property(fc.integer(), shape, fc.integer({ min: 1, max: 150 }), (seed, distribution, half) => {
        const contacts = new MutualContacts(seed, distribution, 2 * half);
        for (let phone = 0; phone < 2 * half; phone++) {
          const count = contacts.contactsOf(phone);
          assert.ok(count >= 1 && count <= distribution.max);
          for (let j = 0; j < count; j++) {
            const other = contacts.phoneOf(phone, j);
            assert.ok(other !== phone && other >= 0 && other < 2 * half);
            assert.ok(contacts.contactsOf(other) > j, 'the other has a contact at this place');
            assert.equal(contacts.phoneOf(other, j), phone);
          }
        }
      }),
      { numRuns: 40 },
    );
    let twice = 0;
    let all = 0;
    const contacts = new MutualContacts(5, WIDE, 100_000);
    for (let phone = 0; phone < 2000; phone++) {
      const count = contacts.contactsOf(phone);
      all += count;
      twice += count - new Set(Array.from({ length: count }, (_, j) => contacts.phoneOf(phone, j))).size;
    }
    assert.ok(twice < 0.01 * all, `${twice} of ${all} contacts are there twice`);
  });

  it('have log-normal numbers: each quantile is that of the distribution', () => {
    const phones = 100_000;
    const contacts = new MutualContacts(9, WIDE, phones);
    const degrees = Int32Array.from({ length: phones }, (_, phone) => contacts.contactsOf(phone)).sort();
    for (const share of [0.05, 0.25, 0.5, 0.75, 0.95, 0.99]) {
      const degree = degrees[Math.floor(share * phones)] as number; // inside
      const [below, above] = [-0.5, 0.5].map((half) => normalCdf(Math.log((degree + half) / WIDE.median) / WIDE.sigma));
      assert.ok((below as number) - 1e-4 <= share && share <= (above as number) + 1e-4, `${share}: ${degree}`);
    }
    assert.equal(degrees.at(-1), WIDE.max, 'the tail ends at the largest number');
  });

  it('are written to as the choice says', () => {
    for (const choice of ['zipf', 'uniform'] as const) {
      const contacts = new MutualContacts(2, { ...WIDE, choice, sigma: 0.01, median: 7 }, 1000);
      const counts = new Array<number>(7).fill(0);
      for (let number = 1; number <= 21_000; number++) {
        const j = contacts.contactFor(11, number);
        counts[j] = (counts[j] as number) + 1; // below 7
      }
      const octaves = [7000, 3500, 3500, 1750, 1750, 1750, 1750];
      counts.forEach((count, j) => {
        const expected = choice === 'zipf' ? (octaves[j] as number) : 3000;
        assert.ok(Math.abs(count - expected) < 6 * Math.sqrt(expected), `${choice} ${j}: ${count}, not ${expected}`);
      });
    }
  });

  it('name as possible writers of a message exactly those that send it to the recipient', () => {
    fc.assert(
      fc.property(fc.integer(), shape, fc.integer({ min: 1, max: 20 }), (seed, distribution, number) => {
        const phones = 60;
        const contacts = new MutualContacts(seed, distribution, phones);
        const recipient = 13;
        const writers: number[] = [];
        for (let n = 0; contacts.writerOf(recipient, number, n) >= 0; n++)
          writers.push(contacts.writerOf(recipient, number, n));
        const senders = Array.from({ length: phones }, (_, phone) => phone).filter(
          (phone) => contacts.phoneOf(phone, contacts.contactFor(phone, number)) === recipient,
        );
        assert.deepEqual(writers.sort(), senders.sort());
      }),
      { numRuns: 40 },
    );
  });

  it('take no memory per phone or contact, however many phones have been asked about', () => {
    const bytesFor = (phones: number): number => {
      const before = process.memoryUsage().arrayBuffers;
      const contacts = new MutualContacts(3, WIDE, phones);
      for (let n = 0; n < 1000; n++) {
        const phone = n * Math.floor(phones / 1000);
        for (let j = contacts.contactsOf(phone) - 1; j >= 0; j--) contacts.phoneOf(phone, j);
      }
      return process.memoryUsage().arrayBuffers - before;
    };
    // Two small numbers per possible contact; collected garbage may make it less.
    const most = 3 * Int32Array.BYTES_PER_ELEMENT * WIDE.max;
    for (const phones of [100_000, 2 ** 30])
      assert.ok(bytesFor(phones) <= most, `more than ${most} bytes for ${phones} phones`);
  });
});
