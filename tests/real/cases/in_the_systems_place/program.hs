-- Sums, a thread that answers, and an exception that is caught.
import qualified Data.Map as M
import Control.Concurrent
import Control.Exception
main :: IO ()
main = do
  let m = M.fromList [(i, i*i) | i <- [1..1000::Int]]
  print (sum (M.elems m))
  v <- newEmptyMVar
  _ <- forkIO (putMVar v (product [1..20::Integer]))
  takeMVar v >>= print
  r <- try (evaluate (1 `div` (0::Int))) :: IO (Either ArithException Int)
  print r
