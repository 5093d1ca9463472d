import { RingMemory } from '../../ring/ring-layout.ts';
import { transportCompliance } from '../transport-compliance.test-suite.ts';
import { MemoryPhoneTransport } from './memory-phone-transport.ts';
import { MemorySwitchTransport } from './memory-switch-transport.ts';

transportCompliance('memory', (slots) => {
  const shape = { lanes: 1, shards: 1, ringBytes: 2 ** 14 };
  const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
  return {
    phones: new MemoryPhoneTransport(rings, 0, () => {}),
    shard: new MemorySwitchTransport(rings, 0, slots, () => {}),
    settle: () => {},
    readers: null,
  };
});
