-- Two rows: the originals, then what was chosen, as lists of the values that there are.
SELECT
    coalesce(list(n_instruction_tokens) FILTER (n_instruction_tokens IS NOT NULL AND is_in), []) AS n_instruction_tokens,
    coalesce(list(n_response_tokens) FILTER (n_response_tokens IS NOT NULL AND is_in), []) AS n_response_tokens,
    coalesce(list(ifd) FILTER (ifd IS NOT NULL AND is_in), []) AS ifd,
    coalesce(list(rifd) FILTER (rifd IS NOT NULL AND is_in), []) AS rifd
FROM (VALUES (1), (2)) AS sides (side)
LEFT JOIN (
    SELECT 1 AS side, *, stage = 'original' AS is_in FROM pairs_full WHERE plan_id = $plan_id
    UNION ALL
    SELECT 2 AS side, *, chosen AS is_in FROM pairs_full WHERE plan_id = $plan_id
) USING (side)
GROUP BY side
ORDER BY side
