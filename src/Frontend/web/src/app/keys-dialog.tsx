import { Kbd, Modal, Table, Text } from '@mantine/core';
import { verbGroups } from '@/shared/keys/keys';
import { useStore } from '@/shared/use-store';

/** The keys of this page. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const groups = useStore(verbGroups);
  const lines = groups.flatMap((group) => group.verbs.flatMap((verb) => (verb.key ? [{ key: verb.key, name: verb.name }] : [])));
  return (
    <Modal opened onClose={onClose} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table>
        <Table.Tbody>
          {[{ key: 'Ctrl K', name: 'Find or do something' }, ...lines].map(({ key, name }) => (
            <Table.Tr key={`${key} ${name}`}>
              <Table.Td w={90}>
                <Kbd>{key}</Kbd>
              </Table.Td>
              <Table.Td>{name}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed" mt={8}>
        In a text box: Enter sends, Shift Enter begins a line.
      </Text>
    </Modal>
  );
}
